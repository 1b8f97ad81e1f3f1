/** How contracts are listed wherever they are: one set of columns for the client page, the sales rep page and a number's list. */

import { adresseDocument, adressePage } from "./adresses.js";
import { cache, el } from "./dom.js";
import { RIEN, euros, jour } from "./formats.js";
import { feuille } from "./style.js";
import { statutConnu } from "./vocabulaire.js";

/** A link into the CRM's pages, or the same text where the host gave no template. `hote` is the element that holds the templates. */
export function lienPage(hote, genre, id, texte, attributs = {}) {
  const href = adressePage(hote.getAttribute(`lien-${genre}`), id);
  if (!href) return el("span", attributs, texte);
  return el("a", { href, part: "lien", "data-genre": genre, "data-id": id, ...attributs }, texte);
}

const plier = (texte) => String(texte ?? "").normalize("NFD").replace(/[\p{M}\s_-]/gu, "").toLowerCase();

/** Ends of the same word in another gender or number: `Signée` says no more than `Signé`. */
const ACCORDS = new Set(["", "e", "s", "es", "(e)", "(s)"]);

/** A status with its mark, and the source's own text where it says more. */
export function etiquetteStatut(contrat) {
  const { cle, un } = statutConnu(contrat.statut);
  const origine = contrat.statut_source || (contrat.statut !== cle ? contrat.statut : null);
  const [mot, texte] = [plier(un), plier(origine)];
  const dit = origine && !(texte.startsWith(mot) && ACCORDS.has(texte.slice(mot.length)));
  return [
    el("span", { class: "etiquette", part: "statut" }, el("span", { class: `pastille s-${cle}`, "aria-hidden": "true" }), un),
    dit && el("span", { class: "second" }, cache("texte de la source : "), `« ${origine} »`),
  ];
}

/** A document: a link where it is a web address; a path of the source's own is shown by its file's name, whole on hovering. */
function document_(valeur, nom, reference) {
  if (!valeur) return null;
  const href = adresseDocument(valeur);
  if (!href) return el("span", { class: "second chemin", title: valeur }, `${nom}\u00a0: ${valeur.split("/").filter(Boolean).pop() ?? valeur}`);
  const suite = cache(` du contrat ${reference ?? ""} (nouvel onglet)`);
  return el("a", { class: "document", href, target: "_blank", rel: "noopener noreferrer", part: "lien" }, nom, suite);
}

const documents = (contrat) => [
  document_(contrat.document_url, "Document", contrat.reference),
  document_(contrat.audit_trail_url, "Preuve", contrat.reference),
];

const commercial = (hote, qui) => (qui ? lienPage(hote, "commercial", qui.id, qui.nom || "Sans nom") : "Non attribué");

function reference(hote, contrat) {
  return [
    lienPage(hote, "contrat", contrat.id, contrat.reference || "Sans référence", { class: "reference" }),
    contrat.disparu_le && el("span", { class: "marque" }, `disparu de la source le ${jour(contrat.disparu_le)}`),
  ];
}

function offre(contrat, avecDescription) {
  const precisions = [contrat.fournisseur, contrat.type].filter(Boolean).join(" · ");
  return [
    contrat.produit || RIEN,
    precisions && el("span", { class: "second" }, precisions),
    avecDescription && contrat.description && el("span", { class: "second" }, contrat.description),
  ];
}

/** The columns; `sans` leaves some out (the client, on the client's own page; `description` from under the offer). */
export function colonnesContrats(hote, sans = []) {
  const decrit = !sans.includes("description");
  const colonnes = [
    { cle: "reference", titre: "Référence", entete: true, cellule: (c) => reference(hote, c), valeur: (c) => c.reference },
    { cle: "client", titre: "Client", cellule: (c) => lienPage(hote, "client", c.client_id, c.client || "Sans nom"), valeur: (c) => c.client },
    { cle: "produit", titre: "Offre", cellule: (c) => offre(c, decrit), valeur: (c) => c.produit },
    { cle: "statut", titre: "Statut", cellule: etiquetteStatut, valeur: (c) => statutConnu(c.statut).un },
    { cle: "montant", titre: "Montant", genre: "nombre", cellule: (c) => euros(c.montant), valeur: (c) => c.montant },
    { cle: "signe", titre: "Signé le", classe: "date", cellule: (c) => jour(c.date_signature), valeur: (c) => c.date_signature },
    { cle: "valide", titre: "Validé le", classe: "date", cellule: (c) => jour(c.date_validation), valeur: (c) => c.date_validation },
    { cle: "portefeuille", titre: "Portefeuille", cellule: (c) => commercial(hote, c.portefeuille), valeur: (c) => c.portefeuille?.nom },
    { cle: "vendu_par", titre: "Vendu par", cellule: (c) => (c.vendu_par ? commercial(hote, c.vendu_par) : RIEN), valeur: (c) => c.vendu_par?.nom },
    { cle: "documents", titre: "Documents", classe: "papiers", cellule: documents, creux: (c) => !c.document_url && !c.audit_trail_url },
  ];
  return colonnes.filter((colonne) => !sans.includes(colonne.cle));
}

export const CONTRATS = feuille(`
.second { display: block; font-size: 0.929em; color: var(--_doux); }
.chemin { overflow-wrap: anywhere; }
.reference { font-weight: 600; }
.marque {
  display: table; margin-top: 2px; padding: 0 6px; font-size: 0.857em; font-weight: 500; border-radius: 3px;
  color: var(--_alerte); background: var(--_fond-alerte);
}
.document { display: inline-block; margin-inline-end: 10px; }
.contrats a, .lien-seul { display: inline-block; padding-block: 2px; }
@container (min-width: 860px) {
  .contrats th[scope="row"] { min-width: 8.8em; }
  .contrats .papiers { min-width: 6.5em; }
}
`);
