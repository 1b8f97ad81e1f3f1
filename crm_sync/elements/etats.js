/** The states that are not data: loading, nothing there, no right, an error with another try, numbers that are old. */

import { cache, el } from "./dom.js";
import { moment } from "./formats.js";

/** Grey lines in place of what is on its way; a screen reader hears one word. */
export function squelette() {
  const lignes = [1, 2, 3, 4].map((rang) => el("span", { class: `os os-${rang}` }));
  return el("div", { class: "squelette", part: "chargement" }, cache("Chargement…"), lignes);
}

export function blocVide(texte, aide = null) {
  return el("div", { class: "vide", part: "vide" }, el("p", {}, texte), aide && el("p", { class: "doux" }, aide));
}

/** Say what is wrong; another try is offered where one can help. */
export function blocErreur(erreur, reessayer, ancien = false) {
  const sansDroit = erreur.statut === 403 || erreur.statut === 404;
  const suite = ancien ? " Ce qui est affiché date de la lecture précédente." : "";
  return el(
    "div",
    { class: `message ${sansDroit ? "neutre" : "erreur"}`, part: sansDroit ? "sans-droit" : "erreur" },
    el("p", {}, erreur.message + suite),
    !sansDroit && el("button", { type: "button", class: "bouton", part: "bouton", click: reessayer }, "Réessayer"),
  );
}

/** A plain warning: these numbers are older than they should be. */
export function blocPerime(calculeLe) {
  const quand = calculeLe
    ? `Ces chiffres ont été calculés ${moment(calculeLe)} : ils ne sont peut-être plus à jour.`
    : "Ces chiffres n’ont encore jamais été calculés.";
  return alerte(quand);
}

/** The same of what a sync brought: `synchroniseLe` is the last one that ended well. */
export function blocAncien(synchroniseLe) {
  const quand = synchroniseLe
    ? `Dernière synchronisation réussie ${moment(synchroniseLe)} : ce qui suit n’est peut-être plus à jour.`
    : "Aucune synchronisation n’a encore réussi.";
  return alerte(quand);
}

/** A plain warning. */
export const alerte = (texte) => el("div", { class: "message alerte", part: "perime" }, el("p", {}, texte));
