/** Horizontal bars in SVG: lengths are attributes, colours are classes, so no inline style is needed. The numbers stand beside. */

import { el } from "./dom.js";
import { feuille } from "./style.js";

/**
 * One bar of several segments, as long as its sum is to `maximum`. Hidden from screen readers: the row says the same in numbers.
 *
 * @param {{classe: string, valeur: number}[]} segments
 * @param {number} maximum the value of a bar of full length; zero gives an empty track.
 */
export function barre(segments, maximum) {
  let debut = 0;
  const rectangles = segments
    .filter((segment) => segment.valeur > 0 && maximum > 0)
    .map(({ classe, valeur }) => {
      const largeur = (100 * valeur) / maximum;
      const rectangle = el("svg:rect", { class: classe, x: `${debut}%`, y: 0, width: `${largeur}%`, height: "100%" });
      debut += largeur;
      return rectangle;
    });
  return el("svg:svg", { class: "barre", part: "barre", "aria-hidden": "true", focusable: "false" }, rectangles);
}

export const BARRES = feuille(`
.barre { display: block; width: 100%; height: 14px; border-radius: 3px; background: var(--_fond-doux); overflow: hidden; }
.barre rect { stroke: var(--_fond); stroke-width: 1.5px; }
.barre rect.uni { fill: var(--_accent); }
`);
