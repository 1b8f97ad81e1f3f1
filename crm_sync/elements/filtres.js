/** The controls above a list: reading, period, statuses. They are made once and keep the focus; only what is below is drawn anew. */

import { el, remplacer } from "./dom.js";
import { aujourdhui } from "./formats.js";
import { feuille } from "./style.js";
import { LECTURES, STATUTS } from "./vocabulaire.js";

const PERIODES = [
  ["tout", "Depuis toujours"],
  ["mois", "Ce mois-ci"],
  ["mois_dernier", "Le mois dernier"],
  ["trimestre", "Ce trimestre"],
  ["annee", "Cette année"],
  ["annee_derniere", "L’année dernière"],
  ["dates", "Dates choisies…"],
];
const ANNEE_MIN = 1900;

const iso = (annee, mois, jour) => new Date(Date.UTC(annee, mois, jour)).toISOString().slice(0, 10);

/** First and last day of a named period, both included, as it is today in Paris. */
export function bornes(periode, jour = aujourdhui()) {
  const [annee, mois] = jour.split("-").map(Number);
  const debut = Math.floor((mois - 1) / 3) * 3;
  const connues = {
    mois: [iso(annee, mois - 1, 1), iso(annee, mois, 0)],
    mois_dernier: [iso(annee, mois - 2, 1), iso(annee, mois - 1, 0)],
    trimestre: [iso(annee, debut, 1), iso(annee, debut + 3, 0)],
    annee: [iso(annee, 0, 1), iso(annee, 12, 0)],
    annee_derniere: [iso(annee - 1, 0, 1), iso(annee - 1, 12, 0)],
  };
  const [du, au] = connues[periode] ?? [null, null];
  return { du, au };
}

/** The choices before anybody chose. */
export const sansFiltre = () => ({ lecture: "portefeuille", periode: "tout", du: null, au: null, statuts: new Set() });

/** The same as query parameters of the API. */
export const enParametres = ({ lecture, du, au, statuts }) => ({ lecture, du, au, statut: [...statuts] });

export const filtrePose = ({ du, au, statuts }) => Boolean(du || au || statuts.size);

function choixDeLecture(etat, changer) {
  const choix = Object.entries(LECTURES).map(([cle, { titre, aide }]) => {
    const poser = () => changer(Object.assign(etat, { lecture: cle }));
    const bouton = el("input", { type: "radio", name: "lecture", value: cle, checked: etat.lecture === cle, change: poser });
    return el("label", { title: aide }, bouton, el("span", {}, titre));
  });
  return el("fieldset", { class: "segments", part: "lecture" }, el("legend", { class: "legende" }, "Lecture"), choix);
}

function champDate(nom, etat, cle, valider) {
  const lire = (evenement) => {
    const annee = Number(evenement.target.value.slice(0, 4));
    if (annee && annee < ANNEE_MIN) return; // a year that is still being typed
    etat[cle] = evenement.target.value || null;
    valider();
  };
  const attributs = { type: "date", value: etat[cle] ?? "", "aria-describedby": "dates-erreur", change: lire };
  return el("label", { class: "champ" }, el("span", { class: "legende" }, nom), el("input", attributs));
}

function choixDePeriode(etat, changer) {
  const dates = el("div", { class: "dates" });
  const erreur = el("p", { class: "erreur-champ", id: "dates-erreur", role: "alert" });
  const valider = () => {
    const inverse = Boolean(etat.du && etat.au && etat.du > etat.au);
    erreur.textContent = inverse ? "La date de début est après la date de fin." : "";
    if (!inverse) changer(etat);
  };
  const montrer = () => {
    const saisie = () => [champDate("Du", etat, "du", valider), champDate("Au", etat, "au", valider), erreur];
    remplacer(dates, etat.periode === "dates" ? saisie() : null);
  };
  const poser = (evenement) => {
    etat.periode = evenement.target.value;
    erreur.textContent = "";
    if (etat.periode !== "dates") Object.assign(etat, bornes(etat.periode));
    montrer();
    if (etat.periode !== "dates") changer(etat);
  };
  montrer();
  const options = PERIODES.map(([cle, titre]) => el("option", { value: cle, selected: etat.periode === cle }, titre));
  const liste = el("select", { change: poser }, options);
  return [el("label", { class: "champ" }, el("span", { class: "legende" }, "Période de signature"), liste), dates];
}

function choixDeStatuts(etat, changer) {
  const choix = STATUTS.map(({ cle, titre }) => {
    const poser = (evenement) => {
      etat.statuts[evenement.target.checked ? "add" : "delete"](cle);
      changer(etat);
    };
    const coche = el("input", { type: "checkbox", value: cle, checked: etat.statuts.has(cle), change: poser });
    return el("label", { class: "puce" }, coche, el("span", { class: `pastille s-${cle}`, "aria-hidden": "true" }), titre);
  });
  return el("fieldset", { class: "puces", part: "statuts" }, el("legend", { class: "legende" }, "Statuts (aucun coché : tous)"), choix);
}

/** The three controls; `changer(etat)` is called after each choice that can be asked for. */
export function filtres(etat, changer) {
  return el(
    "div",
    { class: "filtres", part: "filtres" },
    choixDeLecture(etat, changer),
    choixDePeriode(etat, changer),
    choixDeStatuts(etat, changer),
  );
}

export const FILTRES = feuille(`
.filtres { display: flex; flex-wrap: wrap; gap: 10px 20px; align-items: end; }
.legende { display: block; padding: 0; margin-bottom: 3px; font-size: 0.929em; color: var(--_doux); }
.champ { display: block; max-width: 100%; }
.dates { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
.dates:empty { display: none; }
.erreur-champ { flex-basis: 100%; color: var(--_erreur); }
.erreur-champ:empty { display: none; }
.segments label { position: relative; display: inline-flex; cursor: pointer; }
.segments input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.segments span {
  display: flex; align-items: center; min-height: 32px; padding: 4px 12px;
  background: var(--_fond); border: 1px solid var(--_bord-champ);
}
.segments label + label span { margin-inline-start: -1px; }
.segments label:first-of-type span { border-start-start-radius: var(--_rayon); border-end-start-radius: var(--_rayon); }
.segments label:last-of-type span { border-start-end-radius: var(--_rayon); border-end-end-radius: var(--_rayon); }
.segments input:checked + span { background: var(--_accent); border-color: var(--_accent); color: var(--_sur-accent); font-weight: 500; }
.segments input:focus-visible + span { outline: 2px solid var(--_focus); outline-offset: 2px; z-index: 1; }
.puces { display: flex; flex-wrap: wrap; gap: 4px 6px; }
.puces legend { float: inline-start; width: 100%; }
.puce {
  display: inline-flex; align-items: center; gap: 6px; min-height: 32px; padding: 2px 10px; cursor: pointer;
  border: 1px solid var(--_bordure); border-radius: 16px;
}
.puce:hover { background: var(--_fond-doux); }
.puce:has(:checked) { border-color: var(--_accent); background: var(--_fond-doux); }
.puce input { margin: 0; width: 14px; height: 14px; accent-color: var(--_accent); }
`);
