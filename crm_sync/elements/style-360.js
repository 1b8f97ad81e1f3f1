/** How the parts of the 360° view are laid out. */

import { feuille } from "./style.js";

export const VUE = feuille(`
.personne { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline; }
.nom { font-size: 1.357em; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
.deux { display: grid; gap: var(--_espace) 32px; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; }
.partie { display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); overflow-wrap: anywhere; padding-top: 10px; border-top: 1px solid var(--_bordure); }
.paires { display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; }
.paires > div { display: grid; grid-template-columns: minmax(7em, 34%) minmax(0, 1fr); gap: 2px 12px; }
.paires .paires > div { display: block; }
.paires .paires dt::after { content: "\\00a0: "; }
.paires .paires dt, .paires .paires dd { display: inline; }
.paires dt { color: var(--_doux); overflow-wrap: break-word; }
.paires dd { overflow-wrap: anywhere; }
.paires .marque, .comptes .marque { display: inline-block; margin-inline-start: 8px; }
.masque { letter-spacing: 0.02em; }
.fort { font-weight: 600; overflow-wrap: anywhere; }
.fort .second { font-weight: 400; }
.fiches { display: grid; gap: 8px; }
.fiche { display: grid; gap: 4px; padding: 8px 12px; background: var(--_fond-doux); border-radius: var(--_rayon); }
.libre { padding-inline-start: 1.1em; list-style: disc; }
.journal { display: grid; }
.journal li {
  display: grid; grid-template-columns: 6.5em minmax(9em, 22%) minmax(0, 1fr); gap: 2px 16px;
  padding: 5px 0; border-bottom: 1px solid var(--_bordure);
}
.journal li:last-child { border-bottom: 0; }
.quand { color: var(--_doux); }
.quoi, .sens { overflow-wrap: anywhere; }
.quoi::first-letter { text-transform: uppercase; }
.avant { color: var(--_doux); }
.fleche-vers { color: var(--_doux); }
.message.bloc { display: grid; gap: 4px; }
.puces-liste { padding-inline-start: 1.1em; list-style: disc; overflow-wrap: anywhere; }
@container (max-width: 719px) {
  .deux { grid-template-columns: minmax(0, 1fr); }
  .journal li { grid-template-columns: auto minmax(0, 1fr); }
  .journal .sens { grid-column: 1 / -1; }
  .paires > div { grid-template-columns: minmax(6.8em, 24%) minmax(0, 1fr); }
}
`);
