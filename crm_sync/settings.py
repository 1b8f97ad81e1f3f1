"""Every environment variable of the project, read once, with its meaning and default.

Nothing else reads `os.environ`. Secrets are `SecretStr`: their value never shows in a repr, a log or an error.
"""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm_sync.errors import ConfigurationError

REPO = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The environment as the project sees it; names are fixed by the contract with the CRM and ops."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    external_api_url: str | None = Field(None, description="Le point d'accès du collègue (GET, liste de prospects).")
    external_api_token: SecretStr | None = Field(None, description="Jeton « Bearer » de ce point d'accès.")
    crm_database_url: SecretStr | None = Field(
        None,
        description="Postgres des tables du CRM et du schéma crm_sync ; sans elle, le Postgres embarqué.",
    )
    crm_core_database_url: SecretStr | None = Field(
        None, description="Base de service-core, si elle est à part ; sinon CRM_DATABASE_URL."
    )
    crm_commercial_database_url: SecretStr | None = Field(
        None, description="Base de service-commercial, si elle est à part ; sinon CRM_DATABASE_URL."
    )
    crm_finance_database_url: SecretStr | None = Field(
        None, description="Base de service-finance, si elle est à part ; sinon CRM_DATABASE_URL."
    )
    crm_mapping: Path | None = Field(
        None,
        description="Fichier TOML : les noms des tables et colonnes d'un CRM existant ; sans lui, les tables intégrées.",
    )
    dagster_postgres_url: SecretStr | None = Field(
        None, description="Stockage de Dagster ; sans elle, le Postgres embarqué."
    )
    crm_sync_disparition_heures: int = Field(
        24, ge=0, description="Heures d'absence à partir desquelles un élément de la source est marqué disparu."
    )
    crm_sync_disparition_reponses: int = Field(
        3, ge=1, description="Réponses complètes d'affilée qu'il faut en plus, sans cet élément."
    )
    crm_sync_home: Path = Field(REPO / ".crm_sync", description="Dossier du Postgres embarqué et de l'état local.")
    crm_sync_taille_max_mo: int = Field(
        512, ge=1, description="Taille maximale d'une réponse du point d'accès, en mégaoctets."
    )
    crm_sync_delai_s: float = Field(
        60.0, gt=0, description="Délai d'attente d'une lecture du point d'accès, en secondes."
    )
    crm_sync_essais: int = Field(4, ge=1, description="Nombre d'essais de lecture avant de renoncer.")
    crm_jwt_secret: SecretStr | None = Field(
        None, description="Secret des jetons HS256 du CRM, pour « crm-sync serve » ; sans lui, CRM_JWT_JWKS_URL."
    )
    crm_jwt_jwks_url: str | None = Field(
        None, description="Adresse des clés publiques des jetons RS256 ou ES256 du CRM."
    )
    crm_jwt_audience: str | None = Field(None, description="Audience exigée des jetons ; sans elle, aucune.")
    crm_jwt_issuer: str | None = Field(None, description="Émetteur exigé des jetons ; sans lui, aucun.")
    crm_jwt_claim: str = Field(
        "sub", description="Le champ du jeton qui contient l'identifiant de l'utilisateur du CRM."
    )
    crm_sync_cors_origins: str | None = Field(
        None,
        description="Origines, séparées par des virgules, dont les pages peuvent appeler l'API ; sans elle, aucune.",
    )


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        ConfigurationError: a variable cannot be read; the sentence names it without its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(sorted({str(item["loc"][0]).upper() for item in error.errors()}))
        raise ConfigurationError(f"Variable d'environnement illisible : {names}. Voir .env.example.") from None
