"""The colleague's specification: the OpenAPI 3.1 document of the endpoint, made from the models that read it.

What belongs here: the one path, its answers, and how a model becomes a schema. What a key means and how its value is read
stands in `source.models`. Texts are French: the reader is the developer of the other application.
"""

from typing import Any

from crm_sync.source.models import MODELES, RELATIONS, Noeud, Relation

VERSION = "1.0.0"
"""Version of what we ask for: raise it when a model changes."""

_SCHEMAS = "#/components/schemas/"
_PRESENTATION = """\
Un seul appel : `GET` de cette adresse rend la liste des prospects qui ont au moins un contrat, tout imbriqué. `crm-sync` le
lit toutes les heures et à la demande.

- **JSON strict**, en UTF-8 : ni `NaN`, ni `Infinity`, ni deux fois la même clé dans un objet.
- **La liste est entière** : ce qu'elle n'a plus est compté comme absent. Un `idProspect` n'y figure qu'une fois.
- **Valeurs telles que Prisma les écrit** : décimaux en texte (`"29.9"`), dates en `2025-01-31T00:00:00.000Z`, énumérations en
  libellés ou en valeurs de la base.
- **Relations** : `null`, `[]` ou absentes, il n'y a rien. L'ordre ne veut rien dire.
- **`updatedAt` de chaque nœud** (prospect, contrat, coordonnées bancaires, commercial) décide quelle valeur gagne quand le CRM
  a changé aussi : l'envoyer sur chacun.
- Les clés non décrites sont gardées telles quelles et signalées ; elles ne cassent rien.
- Ce qui ne peut pas être utilisé est mis de côté seul (un contrat, un IBAN) et réessayé à chaque lecture ; le reste passe.

« crm-sync source check » compare une réponse à cette page et en écrit le rapport."""

_COMPLET: dict[str, Any] = {
    "idProspect": 397,
    "nom": "MOREAU-LEFÈVRE",
    "prenom": "Élodie",
    "email": "elodie.moreau@exemple.example.org",
    "telephone": "06 39 98 00 12",
    "dateNaissance": "1984-06-11T00:00:00.000Z",
    "commercialId": "b1597894-6c1f-4f0e-9d53-0d3a5b1c7e21",
    "createdAt": "2025-01-30T09:00:00.000Z",
    "updatedAt": "2025-02-03T14:21:09.312Z",
    "informationsPaiement": [
        {
            "id": 12,
            "IBAN": "FR1420041010050500013M02606",
            "BIC": "BNPAFRPPXXX",
            "updatedAt": "2025-01-30T09:01:00.000Z",
        }
    ],
    "Souscription": [
        {
            "id": 51,
            "statut": "ACTIVE",
            "offre": {"id": 3, "nom": "Télécâble Sat", "fournisseur": "Télécâble", "prix": "29.9"},
            "contrats": [
                {
                    "id": 77,
                    "titre": "8177185WNC",
                    "description": None,
                    "statut": "Validé",
                    "dateSignature": "2025-01-31T23:00:00.000Z",
                    "dateValidation": "2025-02-03T14:21:09.312Z",
                    "montant": "29.9",
                    "fournisseur": "Télécâble",
                    "type": "TV",
                    "documentUrl": "/documents/contrats/2025/8177185WNC.pdf",
                    "auditTrailUrl": "/documents/preuves/2025/8177185WNC-audit.pdf",
                    "prospectId": 397,
                    "updatedAt": "2025-02-03T14:21:09.312Z",
                }
            ],
            "paiements": [],
            "abonnement": None,
        }
    ],
    "commercial": {
        "id": "b1597894-6c1f-4f0e-9d53-0d3a5b1c7e21",
        "nom": "Doe",
        "prenom": "John",
        "email": "john.doe@exemple.example.org",
        "telephone": None,
        "updatedAt": "2024-11-05T08:00:00.000Z",
    },
    "identityCard": None,
}
_MINIMAL: dict[str, Any] = {
    "idProspect": 398,
    "nom": "Roussel",
    "prenom": None,
    "email": None,
    "telephone": None,
    "informationsPaiement": None,
    "Souscription": [{"contrats": [{"titre": "0042-A", "montant": 40}]}],
    "commercial": None,
}


def document() -> dict[str, Any]:
    """Give the OpenAPI 3.1 document of the endpoint, as JSON values."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Prospects avec contrats, pour crm-sync", "version": VERSION, "description": _PRESENTATION},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [
            {
                "url": "{origine}",
                "description": "L'application source ; EXTERNAL_API_URL est l'adresse entière.",
                "variables": {"origine": {"default": "https://source.example/api"}},
            }
        ],
        "security": [{}, {"jeton": []}],
        "paths": {"/prospects": {"get": _operation()}},
        "components": {
            "securitySchemes": {
                "jeton": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Facultatif : envoyé si EXTERNAL_API_TOKEN est défini.",
                }
            },
            "schemas": {nom: schema(modele) for nom, modele in MODELES.items()},
        },
    }


def schema(modele: type[Noeud]) -> dict[str, Any]:
    """Give the JSON Schema of one node: its keys as the model reads them, its relations by reference.

    Only what would put the node aside is required; keys that are not described are allowed.
    """
    relations = RELATIONS.get(modele, {})
    proprietes: dict[str, Any] = {}
    for cle, lu in modele.model_json_schema()["properties"].items():
        propriete = {nom: valeur for nom, valeur in lu.items() if nom not in {"title", "default"}}
        if cle in relations:
            propriete |= _relation(relations[cle])
        if cle in modele.NECESSAIRES:
            propriete |= {"type": [genre for genre in lu["type"] if genre != "null"], "pattern": r"\S"}
        proprietes[cle] = propriete
    return {
        "type": "object",
        "description": modele.SENS,
        "properties": proprietes,
        "required": sorted(modele.NECESSAIRES),
    }


def _relation(relation: Relation) -> dict[str, Any]:
    noeud = {"$ref": f"{_SCHEMAS}{relation.modele.__name__}"}
    return {"anyOf": [{"type": "array", "items": noeud} if relation.liste else noeud, {"type": "null"}]}


def _operation() -> dict[str, Any]:
    etag = {"description": "Change quand la réponse change.", "schema": {"type": "string"}}
    return {
        "operationId": "listerProspects",
        "summary": "Les prospects qui ont au moins un contrat, tout imbriqué.",
        "parameters": [
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "L'ETag de la dernière réponse acceptée : sans changement, répondre 304 épargne tout l'envoi.",
                "schema": {"type": "string"},
            }
        ],
        "responses": {
            "200": {
                "description": "La liste entière. `Content-Encoding: gzip` est accepté ; une redirection n'est pas suivie. Une "
                "liste vide alors que des prospects sont connus est refusée.",
                "headers": {"ETag": etag},
                "content": {
                    "application/json": {
                        "schema": {"type": "array", "items": {"$ref": f"{_SCHEMAS}Prospect"}},
                        "examples": {
                            "complet": {"summary": "Tout y est (personnes inventées).", "value": [_COMPLET]},
                            "minimal": {"summary": "Le moins qui soit utilisable.", "value": [_MINIMAL]},
                        },
                    }
                },
            },
            "304": {"description": "Rien n'a changé depuis cet ETag ; sans corps.", "headers": {"ETag": etag}},
            "401": {"description": "Jeton absent ou refusé : la lecture s'arrête, le CRM garde ce qu'il avait."},
            "429": {
                "description": "Trop de requêtes : la lecture réessaie après `Retry-After`.",
                "headers": {"Retry-After": {"description": "En secondes, ou une date.", "schema": {"type": "string"}}},
            },
            "5XX": {"description": "Panne : quelques essais, puis l'heure suivante ; le CRM garde ce qu'il avait."},
        },
    }
