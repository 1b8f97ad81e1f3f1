"""The sales reps that prospects name: few, and most prospects belong to the busiest of them."""

from typing import Any

from crm_sync.source.population.hasard import Flux, alea, chance, entre, tire
from crm_sync.source.population.instants import DEBUT_MS, JOUR, instant
from crm_sync.source.population.noms import NOMS
from crm_sync.source.population.numeros import telephone_commercial, uuid_commercial
from crm_sync.source.population.personnes import nom_saisi, pour_adresse, prenom

DOMAINE = "equipe-de-vente.example"
PROSPECTS_PAR_COMMERCIAL = 40
COMMERCIAUX_MIN = 3

_ANCIENNETE_JOURS = 900


class Commerciaux:
    """The team of a population: about one for 40 prospects, at least 3.

    Numbers from `nombre` on are the occasional ones, who have no e-mail address: one for each thousand ranks.
    """

    def __init__(self, graine: int, prospects: int) -> None:
        self.nombre = max(COMMERCIAUX_MIN, round(prospects / PROSPECTS_PAR_COMMERCIAL))
        self._graine = graine
        self._equipe = [self._commercial(numero) for numero in range(self.nombre)]

    def tire(self, tirage: float) -> dict[str, Any]:
        """Choose by a draw from 0 to 1; a cube makes the tail heavy: one in eight of the team holds half."""
        return dict(self._equipe[int(self.nombre * tirage**3)])

    def occasionnel(self, rang: int) -> dict[str, Any]:
        """Give the commercial whom only the prospect of this rank names."""
        return self._commercial(self.nombre + rang // 1000)

    def _commercial(self, numero: int) -> dict[str, Any]:
        hasard = alea(self._graine, numero, flux=Flux.COMMERCIAL)
        choisi, nom = prenom(hasard), tire(hasard, NOMS)
        return {
            "id": uuid_commercial(self._graine, numero),
            "nom": nom_saisi(hasard, nom),
            "prenom": choisi,
            "email": f"{pour_adresse(choisi)}.{pour_adresse(nom)}.{numero + 1}@{DOMAINE}",
            "telephone": telephone_commercial(self._graine, numero) if chance(hasard, 0.9) else None,
            "updatedAt": instant(DEBUT_MS + entre(hasard, 0, _ANCIENNETE_JOURS * JOUR)),
        }
