/** What the home page's element shows of each sales rep: the columns of both readings, the totals above, and how they look. */

import { barre } from "./barres.js";
import { cache, el } from "./dom.js";
import { RIEN, euros, nombre, pourcent } from "./formats.js";
import { feuille } from "./style.js";
import { enCartes } from "./tableau.js";
import { lienPage } from "./tableau-contrats.js";
import { STATUTS, nomDe } from "./vocabulaire.js";

/** The figures above the table. */
export function chiffres(lecture, total) {
  const portefeuille = [
    ["Contrats", nombre(total.nb_contrats)],
    ["Montant total", euros(total.montant_total)],
    ["dont validé", euros(total.montant_valide)],
  ];
  const vendu = [
    ["Contrats vendus", nombre(total.nb_vendus)],
    ["Montant vendu", euros(total.montant_vendu)],
    ["Contrats en portefeuille", nombre(total.nb_contrats)],
  ];
  const paires = lecture === "vendu" ? vendu : portefeuille;
  return el("dl", { class: "chiffres", part: "chiffres" }, paires.map(([nom, valeur]) => el("div", {}, el("dt", {}, nom), el("dd", {}, valeur))));
}

/** A number that opens the contracts behind it; zero opens nothing. */
function chiffre(ligne, valeur, quoi, statut, ouvrir) {
  const combien = Number(valeur) || 0;
  if (ligne.total || !combien) return el("span", { class: combien ? null : "zero" }, nombre(combien));
  const cle = `n-${ligne.commercial_id}-${statut ?? "tout"}`;
  const presser = () => ouvrir(ligne, statut, combien);
  const dit = cache(`${quoi} de ${nomDe(ligne)} : voir la liste`);
  return el("button", { type: "button", class: "chiffre", part: "chiffre", "data-cle": cle, "aria-haspopup": "dialog", click: presser }, nombre(combien), " ", dit);
}

function nom(hote, ligne) {
  if (ligne.total) return "Total";
  if (ligne.non_attribue) return el("span", { class: "non-attribue" }, ligne.nom || "Non attribué");
  return lienPage(hote, "commercial", ligne.commercial_id, nomDe(ligne), { class: "lien-nom" });
}

function colonnesStatuts(choisis, ouvrir) {
  const montres = choisis.size ? STATUTS.filter(({ cle }) => choisis.has(cle)) : STATUTS;
  return montres.map(({ cle, colonne, titre }) => ({
    cle,
    titre,
    genre: "nombre",
    classe: "statut",
    valeur: (ligne) => ligne[colonne],
    cellule: (ligne) => [
      el("span", { class: `pastille s-${cle}`, "aria-hidden": "true" }),
      chiffre(ligne, ligne[colonne], titre.toLowerCase(), cle, ouvrir),
    ],
    creux: (ligne) => !Number(ligne[colonne]),
  }));
}

const montant = (cle, titre, colonne) => ({ cle, titre, genre: "nombre", valeur: (l) => l[colonne], cellule: (l) => euros(l[colonne]) });

/** The columns of a reading; `maximum` is what a bar of full length counts. */
export function colonnesKpi({ lecture, statuts, maximum, hote, ouvrir }) {
  const qui = { cle: "nom", titre: "Commercial", entete: true, classe: "qui", valeur: nomDe, cellule: (l) => nom(hote, l) };
  const barreDe = (segments) => ({ cle: "barre", titre: "", muet: true, classe: "trait", cellule: (l) => !l.total && barre(segments(l), maximum), creux: (l) => l.total });
  if (lecture === "vendu") {
    return [
      qui,
      barreDe((l) => [{ classe: "uni", valeur: Number(l.nb_vendus) || 0 }]),
      { cle: "nombre", titre: "Vendus", genre: "nombre", classe: "principal", valeur: (l) => l.nb_vendus, cellule: (l) => chiffre(l, l.nb_vendus, "contrats vendus", null, ouvrir) },
      montant("montant", "Montant vendu", "montant_vendu"),
      { cle: "tenus", titre: "En portefeuille", genre: "nombre", valeur: (l) => l.nb_contrats, cellule: (l) => nombre(l.nb_contrats) },
    ];
  }
  return [
    qui,
    barreDe((l) => STATUTS.map(({ cle, colonne }) => ({ classe: `s-${cle}`, valeur: Number(l[colonne]) || 0 }))),
    { cle: "nombre", titre: "Contrats", genre: "nombre", classe: "principal", valeur: (l) => l.nb_contrats, cellule: (l) => chiffre(l, l.nb_contrats, "contrats", null, ouvrir) },
    ...colonnesStatuts(statuts, ouvrir),
    { cle: "clients", titre: "Clients", genre: "nombre", valeur: (l) => l.nb_clients, cellule: (l) => nombre(l.nb_clients) },
    montant("montant", "Montant", "montant_total"),
    montant("montant_valide", "dont validé", "montant_valide"),
    { cle: "part", titre: "Part", genre: "nombre", classe: "large", valeur: (l) => l.part, cellule: (l) => (l.total ? RIEN : pourcent(l.part)), creux: (l) => l.total },
  ];
}

export const KPI = feuille(`
.chiffres { display: flex; flex-wrap: wrap; gap: 8px 32px; }
.chiffres dt { font-size: 0.929em; color: var(--_doux); }
.chiffres dd { font-size: 1.429em; font-weight: 600; line-height: 1.25; white-space: nowrap; }
.kpi .qui { min-width: 9em; font-weight: 500; }
.kpi tfoot .qui { font-weight: 600; }
.kpi .trait { width: 24%; min-width: 100px; }
.kpi.vendu .trait { width: 45%; }
.kpi .statut .pastille { display: none; }
.kpi .lien-nom { display: inline-block; padding-block: 2px; color: inherit; text-decoration-color: var(--_bord-champ); }
.non-attribue { font-style: italic; }
.chiffre {
  display: inline-block; min-width: 28px; min-height: 24px; padding: 0 4px; margin-inline-end: -4px; line-height: 24px;
  text-align: end; background: none; border: 0; border-radius: 4px; cursor: pointer; color: var(--_accent);
}
.chiffre:hover { text-decoration: underline; text-underline-offset: 0.2em; background: var(--_fond-doux); }
.principal .chiffre { font-weight: 600; }
.zero { color: var(--_doux); }
.dialogue {
  width: min(1120px, calc(100vw - 24px)); max-width: none; max-height: min(90dvh, 900px); padding: 0; overflow: auto;
  color: var(--_texte); background: var(--_fond); border: 1px solid var(--_bordure); border-radius: var(--_rayon);
  box-shadow: 0 12px 40px rgb(0 0 0 / 0.3);
}
.dialogue::backdrop { background: rgb(10 14 20 / 0.5); }
.dialogue-tete {
  position: sticky; top: 0; z-index: 1; display: flex; gap: 16px; align-items: start; justify-content: space-between;
  padding: 12px var(--_espace); background: var(--_fond); border-bottom: 1px solid var(--_bordure);
}
.dialogue crm-contrats::part(cadre) { border: 0; }
@container (max-width: 1079px) { .kpi .large { display: none; } }
${enCartes("kpi", 1000)}
@container (max-width: 419px) {
  .chiffres { gap: 8px 20px; }
  .chiffres dd { font-size: 1.2em; }
}
@container (max-width: 999px) {
  .tableau.kpi tr { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: center; }
  .tableau.kpi tr::after { content: ""; order: 2; flex-basis: 100%; }
  .tableau.kpi .qui { flex: 1 1 50%; min-width: 0; }
  .tableau.kpi .principal { font-weight: 600; }
  .tableau.kpi td.trait { flex: 1 1 100%; width: auto; }
  .tableau.kpi td { display: flex; gap: 6px; align-items: center; order: 3; min-height: 24px; }
  .tableau.kpi td[data-titre]::before { display: inline; font-size: 1em; }
  .tableau.kpi td.creux { display: none; }
  .tableau.kpi .principal { order: 0; }
  .tableau.kpi .trait, .tableau.kpi .statut { order: 1; }
  .kpi .statut .pastille { display: block; }
  .tableau.kpi .statut::before { order: 1; }
  .kpi .statut > :last-child { order: 2; }
  .kpi .chiffre { min-width: 24px; margin: 0; text-align: start; }
}
`);
