/** What the four elements share: token, one load at a time, states, links into the CRM, freshness. No drawing of data here. */

import { ErreurApi, appeler, baseDe } from "./api.js";
import { cache, el, remplacer } from "./dom.js";
import { blocErreur, squelette } from "./etats.js";
import { COMMUN } from "./style.js";

const REPOS_MS = 5 * 60_000;
const IDENTITE = ["api", "token", "client-id", "commercial-id"];
export const TERMINE = "crm-synchronise";

/**
 * An element of the CRM's pages.
 *
 * A subclass gives `titreParDefaut`, `charger(signal)` (what it asks of the API) and `dessiner(donnees)` (nodes), and may give
 * `outils()` (controls, made once) and `feuilles`. Shown data belongs to one viewer and one id: when either changes it is
 * taken away before anything is asked.
 */
export class ElementCrm extends HTMLElement {
  static observedAttributes = [...IDENTITE, "lien-client", "lien-contrat", "lien-commercial", "titre", "niveau"];
  static feuilles = [];
  static proprietes = ["token", "fournirJeton", "fournir-jeton"];

  donnees = null;
  #jeton = null;
  #fournir = null;
  #abandon = null;
  #prevu = false;
  #efface = false;
  #lueA = 0;

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    this.shadowRoot.adoptedStyleSheets = [COMMUN, ...this.constructor.feuilles];
    this.shadowRoot.addEventListener("click", (evenement) => this.#suivreLien(evenement));
  }

  /** The CRM's token: kept in memory, never written to the attribute. */
  get token() {
    return this.#jeton ?? this.getAttribute("token");
  }
  set token(valeur) {
    const change = valeur !== this.#jeton;
    this.#jeton = valeur || null;
    if (change) this.prevoir(true);
  }

  /** A function that gives a token, or a promise of one; called again (with `true`) after a 401. */
  get fournirJeton() {
    return this.#fournir;
  }
  set fournirJeton(fonction) {
    const change = fonction !== this.#fournir;
    this.#fournir = typeof fonction === "function" ? fonction : null;
    if (change && !this.#jeton) this.prevoir(this.donnees === null);
  }
  get ["fournir-jeton"]() {
    return this.fournirJeton;
  }
  set ["fournir-jeton"](fonction) {
    this.fournirJeton = fonction;
  }

  connectedCallback() {
    for (const nom of this.constructor.proprietes) {
      if (!Object.hasOwn(this, nom)) continue; // set before the module was there
      const valeur = this[nom];
      delete this[nom];
      this[nom] = valeur;
    }
    if (!this.cadre) this.#construire();
    document.addEventListener(TERMINE, this.#apresSynchronisation);
    document.addEventListener("visibilitychange", this.#auRetour);
    this.prevoir(true);
  }

  disconnectedCallback() {
    document.removeEventListener(TERMINE, this.#apresSynchronisation);
    document.removeEventListener("visibilitychange", this.#auRetour);
    this.#abandon?.abort();
  }

  attributeChangedCallback(nom, avant, apres) {
    if (avant === apres || !this.cadre) return;
    if (nom === "titre" || nom === "niveau") this.#titrer();
    this.prevoir(IDENTITE.includes(nom));
  }

  /** Load again once the changes of this turn are all made; `effacer` takes away what is shown first. */
  prevoir(effacer = false) {
    this.#efface ||= effacer;
    if (this.#prevu || !this.cadre || !this.isConnected) return;
    this.#prevu = true;
    queueMicrotask(() => {
      this.#prevu = false;
      this.rafraichir();
    });
  }

  /** Load and show; an earlier load still under way is given up. */
  async rafraichir() {
    this.#abandon?.abort();
    const abandon = new AbortController();
    this.#abandon = abandon;
    if (this.#efface || this.donnees === null) this.#attendre();
    this.#efface = false;
    this.cadre.setAttribute("aria-busy", "true");
    try {
      const donnees = await this.charger(abandon.signal);
      if (!abandon.signal.aborted) this.montrer(donnees);
    } catch (erreur) {
      if (!abandon.signal.aborted) this.montrerErreur(erreur);
    } finally {
      if (this.#abandon === abandon) this.cadre.setAttribute("aria-busy", "false");
    }
  }

  /** The viewer's token, or null; `nouveau` after a 401: only `fournirJeton` can give another one. */
  async jeton(nouveau) {
    if (nouveau) this.dispatchEvent(new CustomEvent("crm-jeton-expire", { bubbles: true, composed: true }));
    if (!nouveau && this.token) return this.token;
    const donne = (await this.#fournir?.(nouveau)) || null;
    if (nouveau && donne && this.token) this.#jeton = donne; // the same viewer: nothing is shown anew for it
    return donne;
  }

  /** Call the API as this element's viewer. */
  appeler(chemin, options) {
    const acces = { base: baseDe(this.getAttribute("api")), jeton: (nouveau) => this.jeton(nouveau) };
    return appeler(acces, chemin, options);
  }

  montrer(donnees) {
    this.donnees = donnees;
    this.#lueA = Date.now();
    this.alertes.replaceChildren();
    remplacer(this.corps, this.dessiner(donnees));
  }

  /** An error takes the place of what was shown, but where the API only failed to answer: then old data stays, with the reason. */
  montrerErreur(erreur) {
    const lisible = erreur instanceof ErreurApi ? erreur : new ErreurApi(0, "L’affichage a échoué.");
    if (lisible !== erreur) console.error(erreur);
    const garder = this.donnees !== null && (lisible.statut === 0 || lisible.statut >= 429);
    if (!garder) this.donnees = null;
    const bloc = blocErreur(lisible, () => this.rafraichir(), garder);
    if (garder) this.alertes.replaceChildren(bloc);
    else {
      this.alertes.replaceChildren();
      remplacer(this.corps, bloc);
      this.fraicheur?.replaceChildren();
    }
    this.annoncer(lisible.message);
  }

  /** Tell a screen reader, without moving the focus. */
  annoncer(texte) {
    this.annonce.textContent = texte;
  }

  get niveau() {
    return Math.min(5, Math.max(1, Number(this.getAttribute("niveau")) || 2));
  }

  sousTitre(texte, attributs = {}, plus = 1) {
    return el(`h${Math.min(6, this.niveau + plus)}`, { class: "sous-titre", part: "sous-titre", ...attributs }, texte);
  }

  outils() {
    return null;
  }

  #construire() {
    this.titre = el("div", { class: "titre" });
    this.fraicheur = el("p", { class: "fraicheur", part: "fraicheur" });
    this.commandes = el("div", { class: "commandes" }, this.outils());
    this.alertes = el("div", { class: "alertes" });
    this.corps = el("div", { class: "corps" });
    this.annonce = cache();
    this.annonce.setAttribute("role", "status");
    this.cadre = el(
      "section",
      { class: "cadre", part: "cadre", "aria-labelledby": "titre" },
      el("header", { class: "tete", part: "entete" }, this.titre, this.fraicheur),
      this.commandes,
      this.alertes,
      this.corps,
      this.annonce,
    );
    this.#titrer();
    this.shadowRoot.append(this.cadre);
  }

  #titrer() {
    const texte = this.getAttribute("titre");
    const classe = texte === "" ? "cache" : null;
    this.titre.replaceChildren(
      el(`h${this.niveau}`, { id: "titre", class: classe, part: "titre" }, texte || this.titreParDefaut),
    );
  }

  #attendre() {
    this.donnees = null;
    this.alertes.replaceChildren();
    this.fraicheur.replaceChildren();
    remplacer(this.corps, squelette());
  }

  /** New numbers may be there; the button that says so knows already. */
  #apresSynchronisation = (evenement) => {
    if (evenement.composedPath()[0] !== this) this.prevoir();
  };

  #auRetour = () => {
    if (document.visibilityState === "visible" && Date.now() - this.#lueA > REPOS_MS) this.prevoir();
  };

  /** The host may route by itself: `crm-lien` can be cancelled. Clicks that open a tab are the browser's. */
  #suivreLien(evenement) {
    const lien = evenement.target.closest?.("a[data-genre]");
    if (!lien || evenement.button || evenement.metaKey || evenement.ctrlKey || evenement.shiftKey || evenement.altKey) return;
    const detail = { genre: lien.dataset.genre, id: lien.dataset.id, href: lien.href };
    const suite = new CustomEvent("crm-lien", { bubbles: true, composed: true, cancelable: true, detail });
    if (!this.dispatchEvent(suite)) evenement.preventDefault();
  }
}
