"""The limit: decode, flatten by hand, COPY into staging, one set-based merge per table. No rule, no journal, no books.

The same rows go into the same tables with the same indexes as the sync's, so the ratio says what the rules cost.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
import psycopg

COLONNES = {
    "u": "id text, email text, nom text, prenom text, telephone text",
    "c": "id text, nom text, prenom text, email text, telephone text, carte text",
    "k": "reference text, description text, statut text, type text, fournisseur text, produit text, montant text, "
    "signe_le text, valide_le text, document text, audit text, client text, commercial text",
    "p": "client text, iban text, bic text",
}

FUSIONS = (
    """
    insert into service_core.utilisateur (id, email, nom, prenom, telephone, role, actif)
    select distinct on (id) md5(id)::uuid, email, nom, prenom, telephone, 'commercial', false
    from u where email is not null
    on conflict (id) do update set email = excluded.email, nom = excluded.nom, prenom = excluded.prenom
    where (utilisateur.email, utilisateur.nom, utilisateur.prenom)
        is distinct from (excluded.email, excluded.nom, excluded.prenom)
    """,
    """
    insert into service_commercial.apporteur (id, utilisateur_id, nom, prenom, email, telephone)
    select distinct on (id) md5('a' || id)::uuid, md5(id)::uuid, nom, prenom, email, telephone
    from u where email is not null
    on conflict (id) do update set nom = excluded.nom, prenom = excluded.prenom, email = excluded.email
    where (apporteur.nom, apporteur.prenom, apporteur.email)
        is distinct from (excluded.nom, excluded.prenom, excluded.email)
    """,
    """
    insert into service_commercial.apporteur (id, nom) values (md5('a')::uuid, 'Non attribué') on conflict do nothing
    """,
    """
    insert into service_core.client_base (id, nom, prenom, email, telephone, identity_card)
    select distinct on (id) md5(id)::uuid, nom, prenom, email, telephone, carte::jsonb from c where nom is not null
    on conflict (id) do update
    set nom = excluded.nom, prenom = excluded.prenom, email = excluded.email, telephone = excluded.telephone,
        identity_card = excluded.identity_card, updated_at = now()
    where (client_base.nom, client_base.prenom, client_base.email, client_base.telephone, client_base.identity_card)
        is distinct from (excluded.nom, excluded.prenom, excluded.email, excluded.telephone, excluded.identity_card)
    """,
    """
    insert into service_commercial.contrat (
        id, reference, description, statut, statut_source, type, fournisseur, produit, montant, date_signature,
        date_validation, document_url, audit_trail_url, client_id, commercial_id
    )
    select distinct on (k.reference)
        md5(k.reference)::uuid, k.reference, k.description, k.statut, k.statut, k.type, k.fournisseur, k.produit,
        k.montant::numeric, k.signe_le::timestamptz, k.valide_le::timestamptz, k.document, k.audit,
        md5(k.client)::uuid, coalesce(a.id, md5('a')::uuid)
    from k left join service_commercial.apporteur as a on a.id = md5('a' || k.commercial)::uuid
    where k.reference is not null and pg_input_is_valid(k.montant, 'numeric')
        and pg_input_is_valid(coalesce(k.signe_le, 'epoch'), 'timestamptz')
        and pg_input_is_valid(coalesce(k.valide_le, 'epoch'), 'timestamptz')
    on conflict (reference) do update
    set statut = excluded.statut, montant = excluded.montant, date_signature = excluded.date_signature,
        date_validation = excluded.date_validation, client_id = excluded.client_id,
        commercial_id = excluded.commercial_id, updated_at = now()
    where (contrat.statut, contrat.montant, contrat.date_signature, contrat.date_validation, contrat.client_id,
        contrat.commercial_id) is distinct from (excluded.statut, excluded.montant, excluded.date_signature,
        excluded.date_validation, excluded.client_id, excluded.commercial_id)
    """,
    """
    insert into service_finance.information_paiement_bancaire (client_id, iban, bic)
    select distinct on (client, iban) md5(client)::uuid, iban, bic from p
    on conflict (client_id, iban) do update set bic = excluded.bic
    where information_paiement_bancaire.bic is distinct from excluded.bic
    """,
)


def charger(url: str, corps: bytes) -> None:
    """Load an answer the shortest way there is."""
    lignes: dict[str, list[tuple[Any, ...]]] = {nom: [] for nom in COLONNES}
    for prospect in msgspec.json.decode(corps):
        _aplatir(prospect, lignes)
    with psycopg.connect(url) as connexion:
        for nom, colonnes in COLONNES.items():
            connexion.execute(f"create temporary table {nom} ({colonnes}) on commit drop")
            with connexion.cursor() as curseur, curseur.copy(f"copy {nom} from stdin") as flux:
                for ligne in lignes[nom]:
                    flux.write_row(ligne)
        for fusion in FUSIONS:
            connexion.execute(fusion)


def _aplatir(prospect: dict[str, Any], lignes: dict[str, list[tuple[Any, ...]]]) -> None:
    qui = str(prospect.get("idProspect"))
    carte = prospect.get("identityCard")
    commercial = prospect.get("commercial")
    lignes["c"].append(
        (
            qui,
            prospect.get("nom"),
            prospect.get("prenom"),
            prospect.get("email"),
            prospect.get("telephone"),
            msgspec.json.encode(carte).decode() if carte else None,
        )
    )
    if commercial:
        lignes["u"].append(tuple(commercial.get(c) for c in ("id", "email", "nom", "prenom", "telephone")))
    for info in prospect.get("informationsPaiement") or ():
        lignes["p"].append((qui, info.get("IBAN"), info.get("BIC")))
    for souscription in prospect.get("Souscription") or ():
        offre = (souscription.get("offre") or {}).get("nom")
        for k in souscription.get("contrats") or ():
            lignes["k"].append(
                (
                    k.get("titre"),
                    k.get("description"),
                    k.get("statut"),
                    k.get("type"),
                    k.get("fournisseur"),
                    offre,
                    k.get("montant"),
                    k.get("dateSignature"),
                    k.get("dateValidation"),
                    k.get("documentUrl"),
                    k.get("auditTrailUrl"),
                    qui,
                    prospect.get("commercialId"),
                )
            )


def comparer(url: str, corps: bytes) -> Iterator[bytes]:
    """Split the body, hash each prospect and compare with the stored hashes: the least for an unchanged answer."""
    elements = msgspec.json.decode(corps, type=list[msgspec.Raw])
    empreintes = [sha256(memoryview(element)).digest() for element in elements]
    with psycopg.connect(url) as connexion:
        requete = "select string_agg(charge_sha256, ''::bytea order by version_id) from crm_sync.prospect_brut"
        ligne = connexion.execute(requete, binary=True).fetchone()
    tout = bytes(ligne[0]) if ligne and ligne[0] else b""
    connues = {tout[i : i + 32] for i in range(0, len(tout), 32)}
    return (empreinte for empreinte in empreintes if empreinte not in connues)
