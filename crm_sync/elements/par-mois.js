/** Contracts by month of signature: small columns for the eye, and the same figures as a table for everybody. */

import { cache, el } from "./dom.js";
import { aujourdhui, compte, euros, moisCourt, moisLong, nombre } from "./formats.js";
import { feuille } from "./style.js";
import { enCartes, tableau } from "./tableau.js";
import { STATUTS } from "./vocabulaire.js";

const MOIS_D_ABORD = 12;
const MOIS_MAX = 24;

const rang = (mois) => Number(mois.slice(0, 4)) * 12 + Number(mois.slice(5, 7)) - 1;
const cleDe = (numero) => `${String(Math.floor(numero / 12)).padStart(4, "0")}-${String((numero % 12) + 1).padStart(2, "0")}`;

/** The months that columns stand for, first to last: those of the period, else the last twelve; two years at most. */
export function etendue(du, au, jour = aujourdhui()) {
  const premier = du ? rang(du) : null;
  const fin = au ? rang(au) : Math.max(rang(jour), premier ?? 0);
  const debut = Math.max(premier ?? fin - MOIS_D_ABORD + 1, fin - MOIS_MAX + 1);
  return Array.from({ length: fin - debut + 1 }, (_, numero) => cleDe(debut + numero));
}

/** Add rows up by month; `""` holds those without a date. One entry: the count of each status, their number, their amount. */
export function additionner(lignes) {
  const parMois = new Map();
  for (const { mois, statut, nb_contrats: nb, montant } of lignes) {
    const cle = /^\d{4}-\d{2}/.test(mois ?? "") ? mois.slice(0, 7) : "";
    const somme = parMois.get(cle) ?? { mois: cle, nb: 0, centimes: 0 };
    somme.nb += Number(nb) || 0;
    somme.centimes += Math.round(100 * (Number(montant) || 0)); // whole cents: what adds up is what is shown
    somme[statut] = (somme[statut] ?? 0) + (Number(nb) || 0);
    parMois.set(cle, somme);
  }
  return parMois;
}

/** One column of the chart: its number, its bar, its month, and the year where it is to stand. */
function colonne(cle, somme, maximum, segments, an) {
  let reste = 100;
  const rectangles = segments(somme)
    .filter(({ valeur }) => valeur > 0 && maximum > 0)
    .map(({ classe, valeur }) => {
      const hauteur = (100 * valeur) / maximum;
      reste -= hauteur;
      return el("svg:rect", { class: classe, x: 0, y: `${reste}%`, width: "100%", height: `${hauteur}%` });
    });
  const dessus = somme.nb > 0 && el("svg:text", { class: "combien", x: "50%", y: `${reste}%`, dy: -4, "text-anchor": "middle" }, nombre(somme.nb));
  return el(
    "li",
    { class: "un-mois" },
    el("svg:svg", { class: "colonne", part: "colonne", focusable: "false" }, rectangles, dessus),
    el("span", { class: "nom-mois" }, el("span", { class: "long" }, moisCourt(cle)), el("span", { class: "lettre" }, moisCourt(cle).charAt(0).toUpperCase())),
    el("span", { class: "an" }, an),
  );
}

function enTableau(sommes, total, lecture, statuts) {
  const montres = lecture === "vendu" ? [] : STATUTS.filter(({ cle }) => !statuts.size || statuts.has(cle));
  const decroissants = [...sommes.values()].toSorted((a, b) => (a.mois < b.mois ? 1 : -1)); // no date comes last
  const nom = ({ mois, total: somme }) => (somme ? "Total" : mois ? moisLong(mois) : "Sans date de signature");
  return tableau({
    legende: "Contrats par mois de signature",
    colonnes: [
      { cle: "mois", titre: "Mois", entete: true, cellule: nom },
      { cle: "nb", titre: lecture === "vendu" ? "Vendus" : "Contrats", genre: "nombre", cellule: (l) => nombre(l.nb) },
      ...montres.map(({ cle, titre }) => ({ cle, titre, genre: "nombre", cellule: (l) => nombre(l[cle] ?? 0), creux: (l) => !l[cle] })),
      { cle: "montant", titre: "Montant", genre: "nombre", cellule: (l) => euros(l.centimes / 100) },
    ],
    lignes: decroissants,
    total: { ...total, total: true },
    classe: "par-mois",
  });
}

/**
 * The section of the home page's element; `lignes` null: they could not be read.
 *
 * @param {{lecture: string, statuts: Set<string>, du: string|null, au: string|null, lignes: object[]|null, sousTitre: Function,
 *   volet: {ouvert: boolean}}} quoi `volet` remembers whether the table is open, from one drawing to the next.
 */
export function parMois({ lecture, statuts, du, au, lignes, sousTitre, volet }) {
  const titre = sousTitre(lecture === "vendu" ? "Contrats vendus par mois de signature" : "Contrats par mois de signature");
  const section = (...enfants) => el("div", { class: "bloc-mois", part: "par-mois" }, titre, enfants);
  if (!lignes) return section(el("p", { class: "doux" }, "Les chiffres par mois n’ont pas pu être lus."));
  const sommes = additionner(lignes);
  const total = additionner(lignes.map((ligne) => ({ ...ligne, mois: null }))).get("");
  if (!total?.nb) return null;
  const vide = { nb: 0 };
  const mois = etendue(du, au);
  const maximum = Math.max(...mois.map((cle) => sommes.get(cle)?.nb ?? 0));
  const segments = (somme) =>
    lecture === "vendu" ? [{ classe: "uni", valeur: somme.nb }] : STATUTS.map(({ cle }) => ({ classe: `s-${cle}`, valeur: somme[cle] ?? 0 }));
  const colonnes = mois.map((cle, numero) => colonne(cle, sommes.get(cle) ?? vide, maximum, segments, an(mois, numero)));
  const dehors = total.nb - mois.reduce((somme, cle) => somme + (sommes.get(cle)?.nb ?? 0), 0);
  return section(
    maximum > 0 && mois.length > 1 && el("ol", { class: `graphique ${mois.length > MOIS_D_ABORD ? "dense" : ""}`, "aria-hidden": "true" }, colonnes),
    dehors > 0 && el("p", { class: "doux" }, horsDuGraphique(dehors, sommes.get("")?.nb ?? 0, maximum > 0)),
    el(
      "details",
      { part: "detail", open: volet.ouvert, toggle: (evenement) => (volet.ouvert = evenement.target.open) },
      el("summary", { "data-cle": "par-mois" }, "Chiffres par mois", cache(", en tableau")),
      enTableau(sommes, total, lecture, statuts),
    ),
  );
}

/** The year stands under each January, and under the first month where none is near enough to be covered by it. */
function an(mois, numero) {
  const proche = mois.slice(1, 3).some((cle) => cle.endsWith("-01"));
  return mois[numero].endsWith("-01") || (!numero && !proche) ? mois[numero].slice(0, 4) : "";
}

/** What the columns do not show: other months, no date. */
function horsDuGraphique(dehors, sansDate, graphique) {
  const ailleurs = dehors - sansDate;
  const dits = [ailleurs > 0 && `${compte(ailleurs, "contrat")} d’autres mois`, sansDate > 0 && `${compte(sansDate, "contrat")} sans date de signature`];
  return `${graphique ? "Hors du graphique : " : ""}${dits.filter(Boolean).join(", ")}.`;
}

export const PAR_MOIS = feuille(`
.bloc-mois { display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); }
.graphique { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 64px); gap: 4px; max-width: 100%; }
.un-mois { display: grid; grid-template-columns: minmax(0, 1fr); justify-items: center; min-width: 0; font-size: 0.857em; line-height: 1.3; white-space: nowrap; }
.colonne { display: block; width: 100%; max-width: 40px; height: 72px; margin-top: 18px; border-bottom: 1px solid var(--_bord-champ); overflow: visible; }
.combien { font-weight: 600; fill: var(--_texte); }
.colonne rect { stroke: var(--_fond); stroke-width: 1px; }
.colonne rect.uni { fill: var(--_accent); }
.nom-mois, .an { color: var(--_doux); }
.an { min-height: 1.3em; }
.lettre { display: none; }
.bloc-mois details > .tableau { margin-top: 4px; width: auto; min-width: min(100%, 32em); }
.par-mois th[scope="row"] { font-weight: 500; }
.par-mois tfoot th[scope="row"] { font-weight: 600; }
${enCartes("par-mois", 640)}
@container (max-width: 639px) {
  .bloc-mois details > .tableau { width: 100%; min-width: 0; }
  .tableau.par-mois tr { display: flex; flex-wrap: wrap; gap: 2px 16px; padding: 6px 0; }
  .tableau.par-mois th[scope="row"] { flex-basis: 100%; }
  .tableau.par-mois td { display: flex; gap: 6px; }
  .tableau.par-mois td[data-titre]::before { font-size: 1em; }
  .graphique { gap: 2px; }
  .nom-mois .long { display: none; }
  .nom-mois .lettre { display: inline; }
  .dense .combien { display: none; }
}
`);
