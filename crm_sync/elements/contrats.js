/** `<crm-contrats commercial-id>`: the contracts of one sales rep, page by page, in either reading. */

import { el, remplacer } from "./dom.js";
import { ElementCrm } from "./element.js";
import { blocAncien, blocVide } from "./etats.js";
import { FILTRES, enParametres, filtrePose, filtres, sansFiltre } from "./filtres.js";
import { compte, synchronise } from "./formats.js";
import { TABLEAU, tableau } from "./tableau.js";
import { CONTRATS, colonnesContrats } from "./tableau-contrats.js";

const PAGE = 50;
const FILTRANTS = ["lecture", "du", "au", "statut", "sans-filtres"];

/**
 * Attributes beyond the common ones: `lecture` (`portefeuille`, `vendu`), `du`, `au` (`YYYY-MM-DD`), `statut` (words, separated by
 * spaces) set the filters; `sans-filtres` hides their controls.
 */
export class CrmContrats extends ElementCrm {
  static observedAttributes = [...ElementCrm.observedAttributes, ...FILTRANTS];
  static feuilles = [TABLEAU, FILTRES, CONTRATS];

  titreParDefaut = "Contrats";
  #etat = sansFiltre();

  connectedCallback() {
    this.#lireAttributs();
    super.connectedCallback();
  }

  attributeChangedCallback(nom, avant, apres) {
    if (FILTRANTS.includes(nom) && avant !== apres) {
      this.#lireAttributs();
      if (this.cadre) remplacer(this.commandes, this.outils());
    }
    super.attributeChangedCallback(nom, avant, apres);
  }

  outils() {
    if (this.hasAttribute("sans-filtres")) return null;
    return filtres(this.#etat, () => this.prevoir());
  }

  charger(signal) {
    return this.#page(null, signal);
  }

  /** Whose list it is is the same in each row, so that column is left out. */
  dessiner(donnees) {
    this.#compter(donnees);
    const ancien = donnees.fraicheur?.perime && blocAncien(donnees.fraicheur.derniere_synchronisation);
    if (!donnees.lignes.length) {
      const filtre = filtrePose(this.#etat);
      return [ancien, blocVide(filtre ? "Aucun contrat ne répond à ces filtres." : "Aucun contrat.")];
    }
    return [
      ancien,
      tableau({
        legende: this.getAttribute("titre") || this.titreParDefaut,
        colonnes: colonnesContrats(this, [this.#etat.lecture === "vendu" ? "vendu_par" : "portefeuille", "description"]),
        lignes: donnees.lignes,
        classe: "contrats",
      }),
      donnees.suite && this.#boutonSuite(),
    ];
  }

  #compter({ lignes, suite, fraicheur }) {
    const combien = suite ? `les ${lignes.length} premiers contrats` : compte(lignes.length, "contrat");
    const quand = fraicheur && synchronise(fraicheur.derniere_synchronisation);
    this.fraicheur.replaceChildren([lignes.length && combien, quand].filter(Boolean).join(" · "));
    this.annoncer(`${compte(lignes.length, "contrat affiché", "contrats affichés")}${suite ? ", il y en a d’autres" : ""}`);
  }

  #boutonSuite() {
    const presser = (evenement) => this.#suite(evenement.currentTarget);
    return el("p", { class: "suite" }, el("button", { type: "button", class: "bouton", part: "bouton", "data-cle": "suite", click: presser }, "Afficher la suite"));
  }

  /** Add the next page; the focus goes to the first row that is new. */
  async #suite(bouton) {
    const avant = this.donnees;
    if (bouton.getAttribute("aria-disabled") === "true") return;
    bouton.setAttribute("aria-disabled", "true");
    bouton.textContent = "Chargement…";
    try {
      const page = await this.#page(avant.suite, null);
      if (this.donnees !== avant) return; // another list meanwhile
      this.donnees = { ...page, lignes: [...avant.lignes, ...page.lignes] };
      remplacer(this.corps, this.dessiner(this.donnees));
      const premiere = this.corps.querySelectorAll("tbody th")[avant.lignes.length];
      premiere?.setAttribute("tabindex", "-1");
      premiere?.focus();
    } catch (erreur) {
      if (this.donnees !== avant) return;
      this.montrerErreur(erreur);
      bouton.removeAttribute("aria-disabled");
      bouton.textContent = "Afficher la suite";
    }
  }

  #page(curseur, signal) {
    const id = this.getAttribute("commercial-id");
    if (!id) return { lignes: [], suite: null };
    const parametres = { ...enParametres(this.#etat), curseur, limite: PAGE };
    return this.appeler(`commerciaux/${encodeURIComponent(id)}/contrats`, { parametres, signal });
  }

  #lireAttributs() {
    const lu = (nom) => this.getAttribute(nom) || null;
    Object.assign(this.#etat, { lecture: lu("lecture") ?? "portefeuille", du: lu("du"), au: lu("au") });
    if (this.#etat.du || this.#etat.au) this.#etat.periode = "dates";
    this.#etat.statuts = new Set((lu("statut") ?? "").split(/[\s,]+/).filter(Boolean));
  }
}

