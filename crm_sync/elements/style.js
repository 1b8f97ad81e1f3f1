/**
 * The look that all elements share. `--crm-…` variables of the host win; without them colours follow the `color-scheme` that the
 * host has where the element stands, so light, dark and a switch of the CRM's own all work. Contrast: text 4.5:1, marks 3:1.
 */

export function feuille(texte) {
  const style = new CSSStyleSheet();
  style.replaceSync(texte);
  return style;
}

export const COMMUN = feuille(`
:host {
  --_texte: var(--crm-texte, light-dark(#1c2128, #e4e8ee));
  --_doux: var(--crm-texte-doux, light-dark(#56606c, #a3adb9));
  --_fond: var(--crm-fond, light-dark(#ffffff, #171b21));
  --_fond-doux: var(--crm-fond-doux, light-dark(#f4f6f8, #20262e));
  --_bordure: var(--crm-bordure, light-dark(#dce1e7, #333b46));
  --_bord-champ: var(--crm-bord-champ, light-dark(#808a96, #76818e));
  --_accent: var(--crm-accent, light-dark(#1f5fbf, #82b4ff));
  --_sur-accent: var(--crm-sur-accent, light-dark(#ffffff, #0e1726));
  --_focus: var(--crm-focus, var(--_accent));
  --_erreur: var(--crm-erreur, light-dark(#b3261e, #ff9d94));
  --_fond-erreur: var(--crm-fond-erreur, light-dark(#fdf0ef, #33201f));
  --_alerte: var(--crm-alerte, light-dark(#855300, #f2bd62));
  --_fond-alerte: var(--crm-fond-alerte, light-dark(#fff6e3, #31281a));
  --_succes: var(--crm-succes, light-dark(#1b7048, #6fcf9f));
  --_en_attente: var(--crm-statut-en-attente, light-dark(#b87a09, #e0a73f));
  --_signe: var(--crm-statut-signe, light-dark(#3b7dd8, #6ea5f5));
  --_valide: var(--crm-statut-valide, light-dark(#1d855a, #4fbf8d));
  --_annule: var(--crm-statut-annule, light-dark(#7d8793, #8d98a5));
  --_resilie: var(--crm-statut-resilie, light-dark(#c2473d, #ee8177));
  --_autre: var(--crm-statut-autre, light-dark(#8257c2, #b596ea));
  --_rayon: var(--crm-rayon, 6px);
  --_espace: var(--crm-espace, 16px);
  display: block;
  container-type: inline-size;
  color: var(--_texte);
  font-family: var(--crm-police, inherit);
  font-size: var(--crm-taille, 0.875rem);
  font-weight: 400;
  line-height: 1.45;
  font-variant-numeric: tabular-nums;
  text-align: start;
}
:host([hidden]) { display: none; }
:host([theme="clair"]) { color-scheme: light; }
:host([theme="sombre"]) { color-scheme: dark; }
:host([theme="auto"]) { color-scheme: light dark; }
*, ::before, ::after { box-sizing: border-box; }
p, dl, dd, ul, ol, h1, h2, h3, h4, h5, h6, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ul, ol { list-style: none; }
.cadre {
  position: relative;
  display: grid; gap: var(--_espace); grid-template-columns: minmax(0, 1fr); align-content: start;
  padding: var(--_espace); background: var(--_fond);
  border: 1px solid var(--_bordure); border-radius: var(--_rayon);
}
.tete { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; justify-content: space-between; }
.titre > * { font-size: 1.143em; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
.sous-titre { font-size: 1em; font-weight: 600; }
.fraicheur, .doux { color: var(--_doux); }
.fraicheur:empty, .alertes:empty, .commandes:empty { display: none; }
.corps { display: grid; gap: var(--_espace); grid-template-columns: minmax(0, 1fr); transition: opacity 0.15s; }
[aria-busy="true"] > .corps { opacity: 0.6; }
[aria-busy="true"] > .corps:has(.squelette) { opacity: 1; }
.cache {
  position: absolute !important; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; font-weight: 400;
}
:focus-visible { outline: 2px solid var(--_focus); outline-offset: 2px; }
a { color: var(--_accent); text-underline-offset: 0.15em; overflow-wrap: anywhere; }
a:hover { text-decoration-thickness: 2px; }
button, input, select { font: inherit; color: inherit; letter-spacing: inherit; }
.bouton, select, input[type="date"] {
  min-height: 32px; padding: 4px 12px; background: var(--_fond); color: var(--_texte);
  border: 1px solid var(--_bord-champ); border-radius: var(--_rayon);
}
select, input[type="date"] { padding-inline: 8px; max-width: 100%; }
.bouton { cursor: pointer; font-weight: 500; }
.bouton:hover { background: var(--_fond-doux); }
.bouton.principal { background: var(--_accent); border-color: var(--_accent); color: var(--_sur-accent); }
.bouton.principal:hover { background: color-mix(in oklab, var(--_accent) 88%, var(--_texte)); }
.bouton[aria-disabled="true"], .bouton[aria-disabled="true"]:hover {
  background: var(--_fond-doux); border-color: var(--_bordure); color: var(--_doux); cursor: not-allowed;
}
summary { display: inline-block; min-height: 24px; line-height: 24px; color: var(--_accent); cursor: pointer; }
summary::before { content: "▸ "; }
details[open] > summary::before { content: "▾ "; }
.message {
  display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; justify-content: space-between;
  padding: 8px 12px; border-radius: var(--_rayon); background: var(--_fond-doux);
  border-inline-start: 3px solid var(--_bord-champ);
}
.message p { flex: 1 1 16em; overflow-wrap: anywhere; }
.message.erreur { background: var(--_fond-erreur); border-color: var(--_erreur); }
.message.alerte { background: var(--_fond-alerte); border-color: var(--_alerte); }
.vide { padding: 24px 12px; text-align: center; background: var(--_fond-doux); border-radius: var(--_rayon); }
.squelette { display: grid; gap: 10px; padding-block: 4px; }
.os { height: 14px; border-radius: 4px; background: var(--_bordure); animation: souffle 1.4s ease-in-out infinite alternate; }
.os-1 { width: 42%; } .os-2 { width: 88%; } .os-3 { width: 76%; } .os-4 { width: 58%; }
@keyframes souffle { from { opacity: 1; } to { opacity: 0.45; } }
.etiquette {
  display: inline-flex; align-items: baseline; gap: 6px; white-space: nowrap;
}
.pastille { width: 9px; height: 9px; border-radius: 2px; flex: none; align-self: center; background: var(--_autre); }
.s-en_attente { background: var(--_en_attente); fill: var(--_en_attente); }
.s-signe { background: var(--_signe); fill: var(--_signe); }
.s-valide { background: var(--_valide); fill: var(--_valide); }
.s-annule { background: var(--_annule); fill: var(--_annule); }
.s-resilie { background: var(--_resilie); fill: var(--_resilie); }
.s-autre { background: var(--_autre); fill: var(--_autre); }
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
`);
