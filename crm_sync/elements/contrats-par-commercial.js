/** `<crm-contrats-par-commercial>`: how many contracts each sales rep has, as far as the viewer may see, and which ones they are. */

import { ErreurApi } from "./api.js";
import { BARRES } from "./barres.js";
import { colonnesKpi, chiffres, KPI } from "./colonnes-kpi.js";
import { el, remplacer } from "./dom.js";
import { ElementCrm } from "./element.js";
import { blocPerime, blocVide } from "./etats.js";
import { FILTRES, enParametres, filtrePose, filtres, sansFiltre } from "./filtres.js";
import { compte, donneesDe, jour, nombre } from "./formats.js";
import { PAR_MOIS, parMois } from "./par-mois.js";
import { TABLEAU, ordonner, tableau } from "./tableau.js";
import { LECTURES, nomDe, statutConnu } from "./vocabulaire.js";

const LIGNES_D_ABORD = 12;

export class CrmContratsParCommercial extends ElementCrm {
  static feuilles = [TABLEAU, FILTRES, BARRES, KPI, PAR_MOIS];

  titreParDefaut = "Contrats par commercial";
  #etat = sansFiltre();
  #tri = null;
  #toutes = false;
  #volet = { ouvert: false };

  outils() {
    return filtres(this.#etat, () => this.prevoir());
  }

  /** The months come after the rows: a token that must be renewed is then asked for once. */
  async charger(signal) {
    const parametres = enParametres(this.#etat);
    const donnees = await this.appeler("kpi/contrats-par-commercial", { parametres, signal });
    return { ...donnees, mois: donnees.lignes.length ? await this.#lireMois(parametres, signal) : [] };
  }

  /** The rows by month; null where they alone cannot be read: the table stands without them. */
  async #lireMois(parametres, signal) {
    try {
      return (await this.appeler("kpi/contrats-par-mois", { parametres, signal })).lignes;
    } catch (erreur) {
      if (signal.aborted || !(erreur instanceof ErreurApi) || [401, 403].includes(erreur.statut)) throw erreur;
      return null;
    }
  }

  montrer(donnees) {
    this.fraicheur.replaceChildren(donneesDe(donnees.calcule_le));
    super.montrer(donnees);
    const lecture = LECTURES[this.#etat.lecture].titre;
    this.annoncer(`${lecture} : ${compte(this.#nombreDe(donnees.total), "contrat")}, ${compte(donnees.lignes.length, "ligne")}`);
  }

  dessiner(donnees) {
    const perime = donnees.perime && blocPerime(donnees.calcule_le);
    if (!donnees.lignes.length) {
      return [perime, blocVide("Aucun commercial à montrer.", "Vous voyez ici vos contrats, ou ceux de votre équipe.")];
    }
    const rien = !this.#nombreDe(donnees.total) && filtrePose(this.#etat);
    return [
      perime,
      chiffres(this.#etat.lecture, donnees.total),
      Number(donnees.sans_commercial) > 0 && el("p", { class: "doux" }, sansCommercial(donnees.sans_commercial)),
      rien && el("p", { class: "doux" }, "Aucun contrat ne répond à ces filtres."),
      !rien && parMois({ ...this.#etat, lignes: donnees.mois, sousTitre: (texte) => this.sousTitre(texte), volet: this.#volet }),
      this.#tableau(donnees),
    ];
  }

  #nombreDe(ligne) {
    return Number(this.#etat.lecture === "vendu" ? ligne.nb_vendus : ligne.nb_contrats) || 0;
  }

  #tableau({ lignes, total }) {
    const tri = this.#tri ?? { cle: "nombre", sens: "descendant" };
    const maximum = Math.max(0, ...lignes.map((ligne) => this.#nombreDe(ligne)));
    const colonnes = colonnesKpi({
      lecture: this.#etat.lecture,
      statuts: this.#etat.statuts,
      maximum,
      hote: this,
      ouvrir: (ligne, statut, nombreVu) => this.#ouvrir(ligne, statut, nombreVu),
    });
    const ordonnees = ordonner(lignes, colonnes, tri);
    const montrees = this.#toutes ? ordonnees : ordonnees.slice(0, LIGNES_D_ABORD);
    const trier = (nouveau) => this.#redessiner(() => (this.#tri = nouveau));
    const reste = ordonnees.length - montrees.length;
    return [
      tableau({
        legende: `Contrats par commercial, lecture ${LECTURES[this.#etat.lecture].titre.toLowerCase()}`,
        colonnes,
        lignes: montrees,
        total: lignes.length > 1 ? { ...total, total: true } : null,
        tri,
        trier,
        classe: `kpi ${this.#etat.lecture}`,
      }),
      reste > 0 && this.#boutonTout(ordonnees.length),
    ];
  }

  #boutonTout(combien) {
    const presser = () =>
      this.#redessiner(() => (this.#toutes = true), () => this.corps.querySelectorAll("tbody button")[0]?.focus());
    return el("p", {}, el("button", { type: "button", class: "bouton", part: "bouton", click: presser }, `Afficher les ${nombre(combien)} commerciaux`));
  }

  #redessiner(changer, ensuite) {
    changer();
    remplacer(this.corps, this.dessiner(this.donnees));
    ensuite?.();
  }

  /** The contracts behind a number, in a dialog: the sales rep's list, with this reading, period and status. */
  #ouvrir(ligne, statut, combien) {
    const { lecture, du, au, statuts } = this.#etat;
    const titre = `Contrats de ${nomDe(ligne)}`;
    const choisis = statut ? [statut] : [...statuts];
    const liste = el("crm-contrats", {
      "commercial-id": ligne.commercial_id,
      lecture,
      du,
      au,
      statut: choisis.join(" "),
      titre: "",
      niveau: this.niveau + 1,
      "sans-filtres": true,
      theme: this.getAttribute("theme"),
      exportparts: "cadre, tableau, lien, bouton, statut, vide, erreur",
    });
    for (const nom of ["api", "lien-client", "lien-contrat", "lien-commercial"]) {
      if (this.hasAttribute(nom)) liste.setAttribute(nom, this.getAttribute(nom));
    }
    liste.fournirJeton = (nouveau) => this.jeton(nouveau);
    const dialogue = el(
      "dialog",
      { class: "dialogue", part: "dialogue", "aria-labelledby": "dialogue-titre" },
      el(
        "header",
        { class: "dialogue-tete" },
        el(
          "div",
          {},
          this.sousTitre(titre, { id: "dialogue-titre" }),
          el("p", { class: "doux" }, [compte(combien, "contrat"), LECTURES[lecture].titre.toLowerCase(), ...this.#precisions(choisis, du, au)].join(" · ")),
        ),
        el("button", { type: "button", class: "bouton", part: "bouton", click: () => dialogue.close() }, "Fermer"),
      ),
      liste,
    );
    dialogue.addEventListener("close", () => dialogue.remove());
    dialogue.addEventListener("click", (evenement) => evenement.target === dialogue && dialogue.close());
    this.shadowRoot.append(dialogue);
    dialogue.showModal();
  }

  #precisions(statuts, du, au) {
    const periode = [du && `du ${jour(du)}`, au && `au ${jour(au)}`].filter(Boolean).join(" ");
    return [...statuts.map((cle) => statutConnu(cle).titre.toLowerCase()), periode].filter(Boolean);
  }
}

const sansCommercial = (combien) =>
  `${compte(combien, "contrat")} du CRM sans commercial ${Number(combien) >= 2 ? "ne sont comptés" : "n’est compté"} dans aucune ligne.`;
