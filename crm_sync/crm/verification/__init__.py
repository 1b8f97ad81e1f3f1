"""Whether a sync will work, said before it runs: the live catalogue against what the mapping names and a sync needs.

`verifier` gives every complaint, `verifier_rapidement` raises on what blocks. No row of data is read. Each other module is
one set of rules over one table: what is there (`presence`), what it can hold (`types`), what it refuses (`refus`), what it
sets off (`effets`), what our role may do (`droits`), what will be slow (`vitesse`); `notre_schema` is about our own tables.
"""

from crm_sync.crm.verification.plaintes import AVERTISSEMENT, BLOQUANT, INFORMATION, Plainte
from crm_sync.crm.verification.verifier import verifier, verifier_rapidement

__all__ = ["AVERTISSEMENT", "BLOQUANT", "INFORMATION", "Plainte", "verifier", "verifier_rapidement"]
