/** How the button and the steps look. */

import { feuille } from "./style.js";

export const SUIVI = feuille(`
.commande { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
.commande .bouton { min-height: 36px; }
.dit { flex: 1 1 18em; }
.refus { color: var(--_erreur); }
.course { display: grid; gap: 10px; padding-top: 12px; border-top: 1px solid var(--_bordure); }
strong { font-weight: 600; }
strong.reussie { color: var(--_succes); }
strong.echouee, strong.refusee { color: var(--_erreur); }
.etapes { display: flex; flex-wrap: wrap; gap: 6px 0; }
.etapes li { position: relative; display: flex; align-items: center; gap: 8px; padding-inline-end: 44px; color: var(--_doux); }
.etapes li:last-child { padding-inline-end: 0; }
.etapes li:not(:last-child)::after {
  content: ""; position: absolute; inset-inline-end: 8px; width: 28px; height: 2px; background: var(--_bord-champ); opacity: 0.5;
}
.point { width: 12px; height: 12px; border-radius: 50%; border: 2px solid var(--_bord-champ); flex: none; }
.etapes .faite { color: var(--_texte); }
.etapes .faite .point { background: var(--_succes); border-color: var(--_succes); }
.etapes .faite:not(:last-child)::after { background: var(--_succes); opacity: 1; }
.etapes .cours { color: var(--_texte); font-weight: 600; }
.etapes .cours .point { border-color: var(--_accent); background: var(--_accent); animation: souffle 0.9s ease-in-out infinite alternate; }
.etapes .arret { color: var(--_erreur); font-weight: 600; }
.etapes .arret .point { background: var(--_erreur); border-color: var(--_erreur); border-radius: 2px; }
@container (max-width: 559px) {
  .commande .bouton { width: 100%; }
  .etapes { flex-direction: column; }
  .etapes li:not(:last-child)::after { inset-inline-end: auto; inset-inline-start: 5px; top: calc(50% + 6px); width: 2px; height: calc(100% - 6px); }
}
`);
