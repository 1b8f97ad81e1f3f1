/** The parts of the 360° view other than the contracts: pure functions from the API's shapes to nodes. */

import { cache, el } from "./dom.js";
import { RIEN, aujourdhui, compte, euros, jour, moment, valeurSource } from "./formats.js";
import { lienPage } from "./tableau-contrats.js";
import { tableau } from "./tableau.js";
import { champ, cleSource, entite, statutConnu } from "./vocabulaire.js";

const COLONNES_MAX = 6;
const PROFONDEUR_MAX = 3;
const MONTREES = 8;

const rien = (texte) => el("p", { class: "doux" }, texte);
const paires = (lignes) =>
  el("dl", { class: "paires" }, lignes.filter(Boolean).map(([nom, valeur]) => el("div", {}, el("dt", {}, nom), el("dd", {}, valeur))));

export function identite(client) {
  return paires([
    ["Nom", client.nom || RIEN],
    ["Prénom", client.prenom || RIEN],
    ["E-mail", client.email || RIEN],
    ["Téléphone", client.telephone || RIEN],
    ["Statut", client.statut || RIEN],
    ["Créé", moment(client.created_at)],
    ["Modifié", moment(client.updated_at)],
  ]);
}

function compteBancaire({ fin, disparu_le: disparu }) {
  return el(
    "li",
    {},
    fin ? ["IBAN ", cache("se terminant par "), el("span", { class: "masque" }, `•••• ${fin}`)] : "Compte enregistré",
    disparu && el("span", { class: "marque" }, `disparu de la source le ${jour(disparu)}`),
  );
}

/** The first of a long list, and the others on demand; `faire` makes the nodes of a part of it. */
function parPaquets(liste, mot, faire) {
  const reste = liste.slice(MONTREES);
  const suite = () => el("details", {}, el("summary", {}, `${compte(reste.length, mot)} de plus`), faire(reste));
  return [faire(liste.slice(0, MONTREES)), reste.length > 0 && suite()];
}

/** Bank details as far as the viewer may know them, and the identity card: there or not, and until when. */
export function pieces({ paiements, carte_identite: carte }) {
  const perimee = carte.presente && carte.expire_le && carte.expire_le < aujourdhui();
  const dit = !carte.presente
    ? "Non fournie"
    : [
        carte.expire_le ? `Fournie, valable jusqu’au ${jour(carte.expire_le)}` : "Fournie, date d’expiration inconnue",
        perimee && el("span", { class: "marque" }, "expirée"),
      ];
  const comptes = paiements.length ? el("ul", { class: "comptes" }, paiements.map(compteBancaire)) : "Aucunes";
  return paires([
    ["Coordonnées bancaires", comptes],
    ["Pièce d’identité", dit],
  ]);
}

/** A value as the source sent it: text, lists and objects as nested pairs, not deeper than a person would read. */
function valeurLibre(valeur, profondeur = 0) {
  if (valeur === null || typeof valeur !== "object") return valeurSource(valeur);
  if (profondeur >= PROFONDEUR_MAX) return "…";
  if (Array.isArray(valeur)) {
    if (!valeur.length) return RIEN;
    return el("ul", { class: "libre" }, valeur.map((une) => el("li", {}, valeurLibre(une, profondeur + 1))));
  }
  return pairesLibres(valeur, profondeur + 1);
}

function pairesLibres(objet, profondeur = 0) {
  const lignes = Object.entries(objet).filter(([, valeur]) => valeur !== null && valeur !== "");
  if (!lignes.length) return RIEN;
  return paires(lignes.map(([cle, valeur]) => [cleSource(cle), valeurLibre(valeur, profondeur)]));
}

export function souscriptions(liste) {
  if (!liste.length) return rien("La source n’envoie aucune souscription.");
  const une = ({ offre, statut, abonnement, contrats }) =>
    el(
      "li",
      { class: "fiche" },
      el("p", { class: "fort" }, offre || "Offre sans nom", statut && el("span", { class: "second" }, `Statut : ${statut}`)),
      contrats?.length > 0 && el("p", { class: "doux" }, `${contrats.length > 1 ? "Contrats" : "Contrat"} ${contrats.join(", ")}`),
      abonnement && pairesLibres(abonnement),
    );
  const fiches = (quelques) => el("ul", { class: "fiches" }, quelques.map(une));
  return [...parPaquets(liste, "souscription", fiches), rien("Tel que la source l’a envoyé en dernier.")];
}

const plat = (objet) => Object.values(objet).every((valeur) => valeur === null || typeof valeur !== "object");

/** Payments: a table of the keys that they have, or pairs where they are too many or nested. */
export function versements(liste) {
  if (!liste.length) return rien("La source n’envoie aucun versement.");
  const remplies = ([, valeur]) => valeur !== null && valeur !== "";
  const cles = [...new Set(liste.flatMap((une) => Object.entries(une).filter(remplies).map(([cle]) => cle)))];
  const fin = rien("Tels que la source les a envoyés en dernier.");
  if (!liste.every(plat) || cles.length > COLONNES_MAX || !cles.length) {
    const fiches = (quelques) => el("ul", { class: "fiches" }, quelques.map((une) => el("li", { class: "fiche" }, pairesLibres(une))));
    return [...parPaquets(liste, "versement", fiches), fin];
  }
  const colonnes = cles.map((cle) => ({ cle, titre: cleSource(cle), cellule: (ligne) => valeurSource(ligne[cle]) }));
  const table = (lignes) => tableau({ legende: "Versements", colonnes, lignes, classe: "serre" });
  return [...parPaquets(liste, "versement", table), fin];
}

/** A field's value in words: a status by its name, an amount in euros. */
function dire(cle, valeur) {
  if (cle === "montant") return euros(valeur) === RIEN ? valeur : euros(valeur);
  if (cle !== "statut") return valeurSource(valeur);
  const connu = statutConnu(valeur);
  return connu.cle === valeur ? connu.un : valeur;
}

function sens({ champ: cle, avant, apres, phrase }) {
  if (!cle) return phrase;
  const montre = (valeur, vide) => (valeur === null || valeur === "" ? el("span", { class: "doux" }, vide) : dire(cle, valeur));
  return [
    el("span", { class: "avant" }, cache("avant : "), montre(avant, "vide")),
    el("span", { class: "fleche-vers", "aria-hidden": "true" }, " → "),
    el("span", { class: "apres" }, cache(" ; après : "), montre(apres, "vide")),
  ];
}

const sujet = ({ entite: quoi, reference, champ: cle }) =>
  [cle ? champ(cle) : entite(quoi), reference].filter(Boolean).join(" · ");

/** What changed lately, and why; the first ones, the others on demand. */
export function changements(liste) {
  if (!liste.length) return rien("Aucun changement connu.");
  const un = (change) =>
    el(
      "li",
      {},
      el("span", { class: "quand" }, change.le ? `${jour(change.le)}` : RIEN),
      el("span", { class: "quoi" }, sujet(change)),
      el("span", { class: "sens" }, sens(change), change.champ && change.phrase && el("span", { class: "second" }, change.phrase)),
    );
  return parPaquets(liste, "changement", (quelques) => el("ol", { class: "journal" }, quelques.map(un)));
}

export function doublons(hote, liste) {
  const un = ({ client_id: client, prospect_id: prospect, nom, phrase, signale_le: le }) =>
    el(
      "li",
      {},
      client ? lienPage(hote, "client", client, nom || "Sans nom", { class: "lien-seul" }) : `${nom || "Sans nom"} (prospect ${prospect ?? "inconnu"})`,
      phrase && ` : ${phrase}`,
      el("span", { class: "second" }, `signalé ${moment(le)}`),
    );
  return el("ul", { class: "puces-liste" }, liste.map(un));
}

export function disparus(liste) {
  const un = ({ entite: quoi, reference, depuis, disparu_le: le }) =>
    el(
      "li",
      {},
      [entite(quoi), reference].filter(Boolean).join(" "),
      ` : ${le ? `disparu le ${jour(le)}` : "absent"}`,
      depuis && `, absent depuis le ${jour(depuis)}`,
    );
  return [el("ul", { class: "puces-liste" }, liste.map(un)), el("p", {}, `La source ne ${liste.length > 1 ? "les " : "l’"}envoie plus. Rien n’est supprimé ni résilié dans le CRM.`)];
}
