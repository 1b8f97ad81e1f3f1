/**
 * One table for all elements: caption, scopes, sorting with the keyboard; on a narrow element each row is a card of labelled
 * values. Roles are written out, because a browser drops a table's own once CSS lays it out as a grid.
 */

import { el } from "./dom.js";
import { feuille } from "./style.js";

const COLLATEUR = new Intl.Collator("fr", { sensitivity: "base", numeric: true });

/**
 * A column. `cellule(ligne)` gives nodes or text; `valeur(ligne)`, where there, makes it sortable; `genre` "nombre" aligns it on the
 * right and sorts from the largest; `entete` marks the row's own header; `creux(ligne)`: nothing to see here on a narrow element.
 *
 * @typedef {{cle: string, titre: string, cellule: Function, valeur?: Function, genre?: string, entete?: boolean,
 *   creux?: Function, classe?: string, muet?: boolean}} Colonne
 */

/** Order rows by a column; what is unknown comes last in both directions; equal rows keep their order. */
export function ordonner(lignes, colonnes, tri) {
  const colonne = colonnes.find((une) => une.cle === tri?.cle && une.valeur);
  if (!colonne) return lignes;
  const sens = tri.sens === "descendant" ? -1 : 1;
  return lignes.toSorted((une, autre) => {
    const [a, b] = [colonne.valeur(une), colonne.valeur(autre)];
    const [videA, videB] = [a === null || a === undefined || a === "", b === null || b === undefined || b === ""];
    if (videA || videB) return Number(videA) - Number(videB);
    return sens * (colonne.genre === "nombre" ? Number(a) - Number(b) : COLLATEUR.compare(a, b));
  });
}

/** The direction that a first press on a column gives, then the other one. */
function suivant(colonne, tri) {
  const premier = colonne.genre === "nombre" ? "descendant" : "ascendant";
  if (tri?.cle !== colonne.cle) return { cle: colonne.cle, sens: premier };
  return { cle: colonne.cle, sens: tri.sens === "ascendant" ? "descendant" : "ascendant" };
}

function enTete(colonne, tri, trier) {
  const active = tri?.cle === colonne.cle;
  const classe = [colonne.genre, colonne.classe].filter(Boolean).join(" ") || null;
  const sens = tri?.sens === "ascendant" ? "ascending" : "descending";
  const attributs = { role: "columnheader", scope: "col", class: classe, "aria-sort": active ? sens : null };
  if (colonne.muet) return el("td", { role: "cell", class: classe });
  if (!colonne.valeur || !trier) return el("th", attributs, colonne.titre);
  const fleche = el("span", { class: "fleche", "aria-hidden": "true" }, active ? (tri.sens === "ascendant" ? "▲" : "▼") : "");
  const presser = () => trier(suivant(colonne, tri));
  return el("th", attributs, el("button", { type: "button", class: "tri", "data-cle": `tri-${colonne.cle}`, click: presser }, colonne.titre, fleche));
}

function cellule(colonne, ligne, contenu) {
  const classe = [colonne.genre, colonne.classe, colonne.creux?.(ligne) && "creux"].filter(Boolean).join(" ") || null;
  if (colonne.entete) return el("th", { role: "rowheader", scope: "row", class: classe }, contenu);
  return el("td", { role: "cell", class: classe, "data-titre": colonne.muet ? null : colonne.titre }, contenu);
}

/** The sort control of a narrow element, where there are no column heads. */
function choixDuTri(colonnes, tri, trier, legende) {
  const triables = colonnes.filter((colonne) => colonne.valeur);
  if (!trier || triables.length < 2) return null;
  const options = triables.map((une) => el("option", { value: une.cle, selected: une.cle === tri?.cle }, une.titre));
  const changer = (evenement) => trier(suivant(triables.find((une) => une.cle === evenement.target.value), null));
  const choix = el("select", { "aria-label": `Trier : ${legende}`, "data-cle": "tri-etroit", change: changer }, options);
  return el("label", { class: "tri-etroit" }, el("span", { "aria-hidden": "true" }, "Trier par"), choix);
}

/**
 * Make the table.
 *
 * @param {{legende: string, colonnes: Colonne[], lignes: object[], total?: object, tri?: {cle: string, sens: string},
 *   trier?: Function, classe?: string, cle?: Function}} quoi `total` is one more row, set apart at the bottom.
 */
export function tableau({ legende, colonnes, lignes, total, tri, trier, classe = "" }) {
  const rangee = (ligne) => el("tr", { role: "row" }, colonnes.map((colonne) => cellule(colonne, ligne, colonne.cellule(ligne))));
  return [
    choixDuTri(colonnes, tri, trier, legende),
    el(
      "table",
      { role: "table", class: `tableau ${classe}`, part: "tableau" },
      el("caption", { class: "cache" }, legende),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, colonnes.map((colonne) => enTete(colonne, tri, trier)))),
      el("tbody", { role: "rowgroup" }, lignes.map(rangee)),
      total && el("tfoot", { role: "rowgroup" }, rangee(total)),
    ),
  ];
}

/** Rows as cards where the element is narrower than `largeur` pixels, for the tables of a class. */
export function enCartes(classe, largeur) {
  const t = `.tableau.${classe}`;
  return `
@container (max-width: ${largeur - 1}px) {
  .tri-etroit:has(+ ${t}) { display: flex; }
  ${t}, ${t} tbody, ${t} tfoot, ${t} th, ${t} td { display: block; }
  ${t} thead { display: none; }
  ${t} tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(9em, 1fr)); gap: 6px 12px; padding: 10px 0; }
  ${t} tbody tr:first-child { border-top: 1px solid var(--_bordure); }
  ${t} tbody tr:last-child { border-bottom: 0; }
  ${t} tbody tr:hover { background: none; }
  ${t} th, ${t} td, ${t} .nombre { padding: 0; text-align: start; white-space: normal; }
  ${t} th[scope="row"] { grid-column: 1 / -1; }
  ${t} td[data-titre]::before {
    content: attr(data-titre); display: block; font-size: 0.857em; font-weight: 400; color: var(--_doux);
  }
  ${t} .creux { display: none; }
}`;
}

export const TABLEAU = feuille(`
.tableau { width: 100%; border-collapse: collapse; }
.tableau th, .tableau td { padding: 5px 7px; text-align: start; vertical-align: middle; overflow-wrap: anywhere; }
.tableau th { font-weight: 600; }
.tableau thead th, .tableau thead td {
  font-size: 0.929em; color: var(--_doux); line-height: 24px; border-bottom: 1px solid var(--_bord-champ);
}
.tableau tbody tr { border-bottom: 1px solid var(--_bordure); }
.tableau tbody tr:hover { background: var(--_fond-doux); }
.tableau tfoot tr { border-top: 1px solid var(--_bord-champ); }
.tableau tfoot td { font-weight: 600; }
.tableau .nombre { text-align: end; white-space: nowrap; overflow-wrap: normal; }
.tableau .date { white-space: nowrap; }
.tri {
  position: relative; display: inline-block; min-height: 24px; padding: 0; margin: 0; background: none; border: 0;
  border-radius: 3px; font-weight: 600; text-align: inherit; white-space: nowrap; cursor: pointer;
}
.tri:hover { color: var(--_texte); text-decoration: underline; text-underline-offset: 0.2em; }
[aria-sort] .tri { color: var(--_texte); }
.fleche { position: absolute; inset-inline-start: calc(100% + 4px); font-size: 0.65em; line-height: 24px; }
.nombre .fleche { inset-inline: auto calc(100% + 3px); }
.tri-etroit { display: none; align-items: center; gap: 8px; color: var(--_doux); }
${enCartes("contrats", 860)}
${enCartes("serre", 360)}
`);
