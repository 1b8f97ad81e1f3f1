/** What statuses, fields, steps and entities are called on the page, in one place. A word we do not know is shown as it is. */

/** The statuses in the order of a contract's life; `colonne` is that of the KPI. */
export const STATUTS = [
  { cle: "en_attente", colonne: "nb_en_attente", un: "En attente", titre: "En attente" },
  { cle: "signe", colonne: "nb_signes", un: "Signé", titre: "Signés" },
  { cle: "valide", colonne: "nb_valides", un: "Validé", titre: "Validés" },
  { cle: "annule", colonne: "nb_annules", un: "Annulé", titre: "Annulés" },
  { cle: "resilie", colonne: "nb_resilies", un: "Résilié", titre: "Résiliés" },
  { cle: "autre", colonne: "nb_autres", un: "Autre", titre: "Autres" },
];
const PAR_CLE = new Map(STATUTS.map((statut) => [statut.cle, statut]));

/** Our word for a status; what we have no word for is read as `autre`. */
export const statutConnu = (statut) => PAR_CLE.get(statut) ?? PAR_CLE.get("autre");

export const LECTURES = {
  portefeuille: { titre: "Portefeuille", aide: "qui suit le contrat aujourd’hui" },
  vendu: { titre: "Vendu par", aide: "qui l’avait quand il a été signé" },
};

const CHAMPS = {
  nom: "nom",
  prenom: "prénom",
  nom_complet: "nom et prénom",
  email: "e-mail",
  telephone: "téléphone",
  statut: "statut",
  statut_source: "statut dans la source",
  identity_card: "pièce d’identité",
  reference: "référence",
  description: "description",
  type: "type",
  fournisseur: "fournisseur",
  produit: "offre",
  montant: "montant",
  date_signature: "date de signature",
  date_validation: "date de validation",
  document_url: "document",
  audit_trail_url: "preuve de signature",
  client_id: "client",
  commercial_id: "commercial",
  vendu_par: "vendu par",
  iban: "IBAN",
  bic: "BIC",
};

export const champ = (cle) => CHAMPS[cle] ?? String(cle ?? "").replaceAll("_", " ");

const ENTITES = {
  client: "Fiche client",
  prospect: "Prospect",
  contrat: "Contrat",
  information_paiement: "Coordonnées bancaires",
};

export const entite = (cle) => ENTITES[cle] ?? String(cle ?? "");

/** The steps of a sync as `demande_sync.etape` names them, then the end. */
export const ETAPES = ["lecture", "rapprochement", "écriture", "indicateurs", "terminé"];

/** What a sync counts, row by row, as `crm-sync sync --json` names it. */
export const COMPTES = [
  ["commerciaux", "Commerciaux"],
  ["clients", "Clients"],
  ["contrats", "Contrats"],
  ["informations_paiement", "Coordonnées bancaires"],
];
export const SORTS = [
  ["crees", "Créés"],
  ["modifies", "Modifiés"],
  ["inchanges", "Inchangés"],
  ["rejets", "Mis de côté"],
];

/** First and last name as people say them. */
export function nomDe(personne) {
  const mots = [personne?.prenom, personne?.nom].filter(Boolean).join(" ").trim();
  return mots || "Sans nom";
}

/** A key of the source's JSON, made readable: `dateDebut` is `date debut`. */
export function cleSource(cle) {
  const mots = String(cle).replace(/([a-zà-ÿ0-9])([A-Z])/g, "$1 $2").replaceAll("_", " ").trim();
  return mots.charAt(0).toUpperCase() + mots.slice(1).toLowerCase();
}
