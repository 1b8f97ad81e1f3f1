/**
 * How nodes are made: by DOM calls only. Whatever a value holds, it ends as a text node or as an attribute's text, never as
 * markup; nothing here or elsewhere in this folder parses HTML.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make one element.
 *
 * @param {string} nom tag name; `svg:rect` makes an SVG element.
 * @param {Record<string, unknown>} attributs `null`, `undefined` and `false` leave the attribute out, `true` sets it empty;
 *   a function under `click`, `change`… listens to that event. Addresses come from `adresses.js` only.
 * @param {...unknown} enfants nodes, or values shown as text; `null`, `undefined` and `false` are nothing; lists are flattened.
 */
export function el(nom, attributs = {}, ...enfants) {
  const noeud = nom.startsWith("svg:") ? document.createElementNS(SVG, nom.slice(4)) : document.createElement(nom);
  for (const [cle, valeur] of Object.entries(attributs ?? {})) {
    if (valeur === null || valeur === undefined || valeur === false) continue;
    if (typeof valeur === "function") noeud.addEventListener(cle, valeur);
    else noeud.setAttribute(cle, valeur === true ? "" : String(valeur));
  }
  noeud.append(...present(enfants));
  return noeud;
}

/** Flatten children and leave out what is nothing. */
export function present(enfants) {
  return enfants.flat(Infinity).filter((enfant) => enfant !== null && enfant !== undefined && enfant !== false);
}

/** Text that only a screen reader tells. */
export function cache(...enfants) {
  return el("span", { class: "cache" }, ...enfants);
}

/**
 * Replace what a container shows, and leave the keyboard where it was: the node that had the focus is found again by its
 * `data-cle`.
 */
export function remplacer(conteneur, ...enfants) {
  const actif = conteneur.getRootNode().activeElement;
  const cle = actif && conteneur.contains(actif) ? actif.dataset.cle : undefined;
  conteneur.replaceChildren(...present(enfants));
  if (cle) conteneur.querySelector(`[data-cle="${CSS.escape(cle)}"]`)?.focus({ preventScroll: true });
}
