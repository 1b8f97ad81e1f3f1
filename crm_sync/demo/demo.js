/**
 * The stand-in's own script: who is logged in, which example a page shows, what the elements are given. A CRM does the same in its
 * own code: a function that gives the token, the ids of its page, the templates of its addresses.
 */

import { adresseDocument } from "../elements/adresses.js";
import { el } from "../elements/dom.js";
import { euros, jour, moment } from "../elements/formats.js";
import { nomDe, statutConnu } from "../elements/vocabulaire.js";

const PAGES = { "index.html": "Accueil", "client.html": "Client", "commercial.html": "Commercial", "contrat.html": "Contrat" };
const ROLES = { commercial: "Commercial", manager: "Manager", admin: "Administrateur" };
const THEMES = { auto: "Automatique", clair: "Clair", sombre: "Sombre" };
const LIENS = { "lien-client": "client.html?id={id}", "lien-commercial": "commercial.html?id={id}", "lien-contrat": "contrat.html?id={id}" };
const ELEMENTS = "crm-contrats-par-commercial, crm-vue-360, crm-contrats, crm-synchroniser";

const page = location.pathname.split("/").pop() || "index.html";
const choisi = (cle, parmi, defaut) => (Object.hasOwn(parmi, sessionStorage.getItem(cle) ?? "") ? sessionStorage.getItem(cle) : defaut);
let role = choisi("role", ROLES, "admin");
let jetons = null;

async function lire(chemin, options) {
  const reponse = await fetch(new URL(chemin, document.baseURI), options);
  if (!reponse.ok) throw new Error(`${chemin} : ${reponse.status}`);
  return reponse.json();
}

/** The token of who is logged in; asked for anew where the API refused it, or where the first sync was still to come. */
async function fournirJeton(nouveau) {
  if (nouveau || !jetons || !(await jetons)[role]) jetons = lire("jetons");
  return (await jetons)[role]?.token ?? null;
}

function liste(nom, choix, valeur, changer) {
  const options = Object.entries(choix).map(([cle, titre]) => el("option", { value: cle, selected: cle === valeur }, titre));
  return el("label", {}, nom, el("select", { name: nom, change: (evenement) => changer(evenement.target.value) }, options));
}

function poserTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

/** Who can be logged in: the role, and the name where the API has one. */
async function personnes() {
  jetons ??= lire("jetons");
  const connus = await jetons;
  return Object.fromEntries(Object.entries(ROLES).map(([cle, titre]) => [cle, connus[cle] ? `${titre} · ${connus[cle].nom}` : titre]));
}

async function bandeau(brancher) {
  const liens = Object.entries(PAGES).map(([href, titre]) => el("a", { href, "aria-current": href === page ? "page" : null }, titre));
  document.querySelector("nav").append(...liens);
  const theme = choisi("theme", THEMES, "auto");
  poserTheme(theme);
  const changerRole = (valeur) => {
    role = valeur;
    sessionStorage.setItem("role", role);
    brancher();
  };
  const changerTheme = (valeur) => {
    sessionStorage.setItem("theme", valeur);
    poserTheme(valeur);
  };
  document.querySelector(".reglages").append(liste("Connecté comme", await personnes(), role, changerRole), liste("Thème", THEMES, theme, changerTheme));
}

/** Give each element its links, its id and its viewer; a new function is a new viewer, so that nothing of the last one stays. */
async function brancher() {
  const exemples = await lire("exemples");
  const demande = new URLSearchParams(location.search).get("id");
  for (const element of document.querySelectorAll(ELEMENTS)) {
    for (const [nom, gabarit] of Object.entries(LIENS)) element.setAttribute(nom, gabarit);
    const id = element.dataset.exemple;
    if (id) element.setAttribute(id, demande ?? exemples[id.replace("-", "_")] ?? "");
    element.token = await fournirJeton(false);
    element.fournirJeton = fournirJeton;
  }
  const carte = document.querySelector("#contrat");
  if (carte) await montrerContrat(carte, demande ?? exemples.contrat_id);
}

/** The contract page as the CRM has it: none of our elements stands there, the read API answers it all the same. */
async function montrerContrat(carte, id) {
  if (!id) {
    carte.replaceChildren(el("p", {}, "Rien à montrer avant la première synchronisation : l’accueil a le bouton."));
    return;
  }
  try {
    const entete = { headers: { Authorization: `Bearer ${await fournirJeton(false)}` } };
    const { contrat, fraicheur } = await lire(`../contrats/${encodeURIComponent(id)}`, entete);
    carte.replaceChildren(el("h2", {}, `Contrat ${contrat.reference}`), fiche(contrat, fraicheur));
  } catch {
    carte.replaceChildren(el("p", {}, "Ce contrat n’existe pas, ou vous ne pouvez pas le voir."));
  }
}

function fiche(contrat, fraicheur) {
  const vers = (pageCible, qui, nom) => (qui ? el("a", { href: `${pageCible}.html?id=${encodeURIComponent(qui)}` }, nom) : "–");
  const lien = adresseDocument(contrat.document_url);
  const lignes = [
    ["Statut", [statutConnu(contrat.statut).un, contrat.statut_source && ` · « ${contrat.statut_source} » dans la source`]],
    contrat.disparu_le && ["Disparu de la source", jour(contrat.disparu_le)],
    ["Offre", [contrat.produit, contrat.fournisseur].filter(Boolean).join(" · ") || "–"],
    ["Montant", euros(contrat.montant)],
    ["Signé le", jour(contrat.date_signature)],
    ["Validé le", jour(contrat.date_validation)],
    ["Client", vers("client", contrat.client_id, contrat.client ?? "Sans nom")],
    ["Portefeuille", vers("commercial", contrat.portefeuille?.id, nomDe(contrat.portefeuille))],
    ["Vendu par", vers("commercial", contrat.vendu_par?.id, nomDe(contrat.vendu_par))],
    ["Document", lien ? el("a", { href: lien, rel: "noopener noreferrer" }, "Ouvrir") : (contrat.document_url ?? "–")],
    ["Modifié", moment(contrat.updated_at)],
    ["Synchronisé", moment(fraicheur.derniere_synchronisation)],
  ];
  return el("dl", {}, lignes.filter(Boolean).map(([nom, valeur]) => el("div", {}, el("dt", {}, nom), el("dd", {}, valeur))));
}

await bandeau(brancher);
await brancher();
