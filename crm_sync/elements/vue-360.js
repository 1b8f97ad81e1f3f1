/** `<crm-vue-360 client-id>`: everything about one client, and how fresh it is. What the API leaves out is not guessed here. */

import { el, remplacer } from "./dom.js";
import { ElementCrm } from "./element.js";
import { blocAncien, blocVide } from "./etats.js";
import { compte, moment, synchronise } from "./formats.js";
import { changements, disparus, doublons, identite, pieces, souscriptions, versements } from "./sections-360.js";
import { VUE } from "./style-360.js";
import { CONTRATS, colonnesContrats } from "./tableau-contrats.js";
import { TABLEAU, ordonner, tableau } from "./tableau.js";
import { STATUTS, nomDe, statutConnu } from "./vocabulaire.js";

const CONTRATS_D_ABORD = 20;

export class CrmVue360 extends ElementCrm {
  static feuilles = [TABLEAU, CONTRATS, VUE];

  titreParDefaut = "Vue 360° du client";
  #tri = { cle: "signe", sens: "descendant" };
  #tous = false;
  #pour = null;

  async charger(signal) {
    const id = this.getAttribute("client-id");
    if (id !== this.#pour) this.#tous = false;
    this.#pour = id;
    return id ? this.appeler(`clients/${encodeURIComponent(id)}`, { signal }) : null;
  }

  montrer(donnees) {
    this.fraicheur.replaceChildren(...(donnees ? this.#fraicheur(donnees.fraicheur) : []));
    super.montrer(donnees);
    if (donnees) this.annoncer(`${nomDe(donnees.client)} : ${compte(donnees.contrats.length, "contrat")}`);
  }

  dessiner(donnees) {
    if (!donnees) return blocVide("Aucun client choisi.");
    return [
      this.#avertissements(donnees),
      this.#resume(donnees),
      el("div", { class: "deux" }, this.#section("Identité", identite(donnees.client)), this.#section("Paiement et pièces", pieces(donnees))),
      this.#section("Contrats", this.#contrats(donnees.contrats)),
      el(
        "div",
        { class: "deux" },
        this.#section("Souscriptions", souscriptions(donnees.souscriptions)),
        this.#section("Versements", versements(donnees.versements)),
      ),
      this.#section("Derniers changements", changements(donnees.changements)),
    ];
  }

  #fraicheur({ derniere_synchronisation: sync, vu_dans_la_source_le: vu }) {
    return [[synchronise(sync), vu && `vu dans la source ${moment(vu)}`].filter(Boolean).join(" · ")];
  }

  /** What a person should know first: stale, deleted in the CRM, gone from the source, perhaps twice there. */
  #avertissements({ client, fraicheur, ...donnees }) {
    return [
      fraicheur.perime && blocAncien(fraicheur.derniere_synchronisation),
      client.supprime && el("p", { class: "message alerte" }, "Cette fiche a été supprimée dans le CRM ; la synchronisation n’y écrit plus."),
      donnees.disparus.length > 0 && this.#avertir("Disparu de la source", disparus(donnees.disparus)),
      donnees.doublons.length > 0 && this.#avertir("Doublon possible", doublons(this, donnees.doublons)),
    ];
  }

  #avertir(titre, contenu) {
    return el("section", { class: "message alerte bloc" }, this.sousTitre(titre), contenu);
  }

  #resume({ client, contrats }) {
    const parStatut = STATUTS.map((statut) => [statut, contrats.filter((c) => statutConnu(c.statut) === statut).length]);
    const dits = parStatut.filter(([, combien]) => combien).map(([{ un, titre }, combien]) => compte(combien, un.toLowerCase(), titre.toLowerCase()));
    const dit = contrats.length ? `${compte(contrats.length, "contrat")}\u00a0: ${dits.join(", ")}` : "Aucun contrat";
    return el("div", { class: "personne" }, this.sousTitre(nomDe(client), { class: "nom", part: "nom" }), el("p", { class: "doux" }, dit));
  }

  #section(titre, contenu) {
    return el("section", { class: "partie", part: "partie" }, this.sousTitre(titre), contenu);
  }

  /** The first ones; of a client with hundreds the others on demand, so that what stands below can be reached. */
  #contrats(contrats) {
    if (!contrats.length) return el("p", { class: "doux" }, "Aucun contrat.");
    const colonnes = colonnesContrats(this, ["client"]);
    const redessiner = () => remplacer(this.corps, this.dessiner(this.donnees));
    const trier = (tri) => {
      this.#tri = tri;
      redessiner();
    };
    const ordonnes = ordonner(contrats, colonnes, this.#tri);
    const lignes = this.#tous ? ordonnes : ordonnes.slice(0, CONTRATS_D_ABORD);
    const montrer = () => {
      this.#tous = true;
      redessiner();
      const premiere = this.corps.querySelectorAll(".contrats tbody th")[CONTRATS_D_ABORD];
      premiere?.setAttribute("tabindex", "-1");
      premiere?.focus();
    };
    return [
      tableau({ legende: "Contrats du client", colonnes, lignes, tri: this.#tri, trier, classe: "contrats" }),
      lignes.length < contrats.length &&
        el("p", {}, el("button", { type: "button", class: "bouton", part: "bouton", click: montrer }, `Afficher les ${compte(contrats.length, "contrat")}`)),
    ];
  }
}
