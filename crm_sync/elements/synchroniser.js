/** `<crm-synchroniser>`: the button, the steps of the sync in words, what it did, who asked, and when the next one is. */

import { ErreurApi } from "./api.js";
import { cache, el } from "./dom.js";
import { ElementCrm, TERMINE } from "./element.js";
import { alerte } from "./etats.js";
import { compte, moment, nombre } from "./formats.js";
import { tableau, TABLEAU } from "./tableau.js";
import { SUIVI } from "./style-synchroniser.js";
import { COMPTES, ETAPES, SORTS } from "./vocabulaire.js";

const SUIVI_MS = 1500;
const VEILLE_MS = 60_000;
const EN_COURS = new Set(["en_attente", "en_cours"]);
const PERIME = "Aucune synchronisation n’a réussi depuis plus de deux heures : ce que montre le CRM n’est peut-être plus à jour.";
const ISSUES = { reussie: "réussie", echouee: "échouée", refusee: "refusée" };

const plier = (mot) => String(mot ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const rangDe = (etape) => ETAPES.findIndex((mot) => plier(mot) === plier(etape));

export class CrmSynchroniser extends ElementCrm {
  static feuilles = [TABLEAU, SUIVI];

  titreParDefaut = "Synchronisation";
  #minuterie = null;
  #refus = null;
  #demande = false;

  disconnectedCallback() {
    clearTimeout(this.#minuterie);
    super.disconnectedCallback();
  }

  async charger(signal) {
    clearTimeout(this.#minuterie);
    const [moi, course] = await Promise.all([this.appeler("moi", { signal }), this.#derniere(signal)]);
    return { moi, course };
  }

  montrer(donnees) {
    const avant = this.donnees?.course ?? null;
    const dessin = JSON.stringify([donnees, this.#refus, this.#demande]);
    const course = donnees.course;
    if (dessin !== this.dernierDessin || !this.donnees) super.montrer(donnees);
    this.dernierDessin = dessin;
    this.#raconter(avant, course);
    this.#programmer(course);
  }

  montrerErreur(erreur) {
    super.montrerErreur(erreur);
    this.dernierDessin = null;
    this.#programmer(this.donnees?.course ?? null);
  }

  dessiner({ moi, course }) {
    const enCours = course && EN_COURS.has(course.statut);
    return [
      el("div", { class: "commande" }, this.#bouton(moi, course), el("div", { class: "dit" }, this.#raison(moi, course), this.#prochaine(course))),
      course && !enCours && course.perime && alerte(PERIME),
      course ? this.#course(course, enCours) : el("p", { class: "doux" }, "Aucune synchronisation n’a encore eu lieu."),
    ];
  }

  /** The last run, asked for or hourly; null where there has been none. */
  async #derniere(signal) {
    try {
      return await this.appeler("synchronisations/derniere", { signal });
    } catch (erreur) {
      if (erreur instanceof ErreurApi && erreur.statut === 404) return null;
      throw erreur;
    }
  }

  /** Open while a sync runs, too: what is asked for then is served by the next one. Closed while one's own request waits. */
  #bouton(moi, course) {
    const ferme = !moi.peut_synchroniser || this.#demande || Boolean(course?.votre_demande);
    return el(
      "button",
      {
        type: "button",
        class: "bouton principal",
        part: "bouton bouton-principal",
        "data-cle": "lancer",
        "aria-disabled": ferme ? "true" : null,
        "aria-describedby": "raison",
        click: () => !ferme && this.#lancer(),
      },
      mot(moi, course),
    );
  }

  #raison(moi, course) {
    const raison = moi.peut_synchroniser
      ? (this.#refus ?? pourquoi(course))
      : "Seuls les managers et les administrateurs peuvent lancer une synchronisation.";
    return el("p", { id: "raison", class: this.#refus && moi.peut_synchroniser ? "refus" : "doux" }, raison);
  }

  #prochaine(course) {
    return course?.prochaine && el("p", { class: "doux" }, `Prochaine synchronisation automatique ${moment(course.prochaine)}.`);
  }

  #course(course, enCours) {
    return el(
      "div",
      { class: "course", part: "derniere" },
      el("p", {}, this.#phrase(course, enCours)),
      course.statut !== "refusee" && this.#etapes(course),
      !enCours && this.#issue(course),
    );
  }

  #phrase(course, enCours) {
    const qui = course.demande_par ? `demandée par ${course.demande_par}` : "automatique";
    if (course.statut === "en_attente") return `Synchronisation ${qui} ${moment(course.demande_le)} : en attente, elle va commencer.`;
    if (enCours) return `Synchronisation ${qui}, commencée ${moment(course.commence_le ?? course.demande_le)}.`;
    const fin = moment(course.termine_le ?? course.demande_le);
    return [`Dernière synchronisation ${fin}, ${qui} : `, el("strong", { class: course.statut }, ISSUES[course.statut] ?? course.statut), "."];
  }

  /** The steps with what is done, under way and to come, in words too. */
  #etapes(course) {
    const fini = course.statut === "reussie";
    const rang = fini ? ETAPES.length : rangDe(course.etape);
    const etats = ETAPES.map((_, numero) => {
      if (numero < rang) return ["faite", "fait"];
      if (numero > rang || course.statut === "en_attente") return ["venir", "à venir"];
      return EN_COURS.has(course.statut) ? ["cours", "en cours"] : ["arret", "arrêtée ici"];
    });
    const etape = (mot, numero) => {
      const [classe, dit] = etats[numero];
      const courante = classe === "cours" ? "step" : null;
      return el("li", { class: classe, part: `etape ${classe}`, "aria-current": courante }, el("span", { class: "point", "aria-hidden": "true" }), mot, cache(` : ${dit}`));
    };
    return el("ol", { class: "etapes", part: "etapes", "aria-label": "Étapes" }, ETAPES.map(etape));
  }

  #issue({ statut, resultat, message }) {
    const mauvais = statut !== "reussie";
    return [
      mauvais && el("p", { class: "message erreur" }, message || "La synchronisation s’est arrêtée ; le CRM garde ce qu’il avait."),
      resultat && el("p", {}, resume(resultat)),
      resultat && COMPTES.some(([cle]) => resultat[cle]) && detail(resultat),
    ];
  }

  async #lancer() {
    this.#demande = true;
    this.#refus = null;
    this.montrer(this.donnees);
    try {
      const { id } = await this.appeler("synchronisations", { methode: "POST" });
      const avant = this.donnees?.course;
      const suivie = avant?.statut === "en_cours" ? avant.id : id;
      const course = await this.appeler(`synchronisations/${encodeURIComponent(suivie)}`);
      this.#demande = false;
      this.montrer({ ...this.donnees, course });
      if (EN_COURS.has(course.statut)) this.annoncer(suivie === id ? "Synchronisation demandée." : `Demande enregistrée. ${pourquoi(course)}`);
    } catch (erreur) {
      this.#demande = false;
      if (!(erreur instanceof ErreurApi) || erreur.statut === 401) return this.montrerErreur(erreur);
      const attendre = erreur.attendre ? ` Réessayez dans ${compte(erreur.attendre, "seconde")}.` : "";
      this.#refus = erreur.message + attendre;
      this.annoncer(this.#refus);
      this.montrer(this.donnees);
    }
  }

  /** Ask again: soon while one runs or one's own request waits, once a minute else; not while nobody looks. */
  #programmer(course) {
    clearTimeout(this.#minuterie);
    const enCours = course && EN_COURS.has(course.statut);
    const delai = enCours || course?.votre_demande ? SUIVI_MS : VEILLE_MS;
    this.#minuterie = setTimeout(() => this.#suivre(enCours ? course.id : null), delai);
  }

  async #suivre(id) {
    if (!this.isConnected) return;
    const pour = this.donnees;
    if (document.visibilityState === "hidden" || !pour) return this.#programmer(pour?.course ?? null);
    try {
      const course = id ? await this.appeler(`synchronisations/${encodeURIComponent(id)}`) : await this.#derniere();
      if (this.donnees === pour) this.montrer({ ...pour, course });
    } catch (erreur) {
      if (this.donnees === pour) this.montrerErreur(erreur);
    }
  }

  /** Say each new step once, and tell the page's other elements when new numbers are there. */
  #raconter(avant, course) {
    if (!avant || !course) return;
    const fini = !EN_COURS.has(course.statut) && (EN_COURS.has(avant.statut) || avant.id !== course.id);
    if (fini) {
      this.annoncer(`Synchronisation ${ISSUES[course.statut] ?? course.statut}. ${course.resultat ? resume(course.resultat) : (course.message ?? "")}`);
      this.dispatchEvent(new CustomEvent(TERMINE, { bubbles: true, composed: true, detail: { id: course.id, statut: course.statut } }));
    } else if (course.etape && course.etape !== avant.etape) {
      this.annoncer(`Étape ${rangDe(course.etape) + 1} sur ${ETAPES.length - 1} : ${course.etape}`);
    }
  }
}

/** What the button says: what a press would do now. */
function mot(moi, course) {
  if (course?.votre_demande && moi.peut_synchroniser) return "Demande en attente…";
  return course?.statut === "en_cours" && moi.peut_synchroniser ? "Demander la suivante" : "Synchroniser maintenant";
}

/** What a press would do, or what has become of one. */
function pourquoi(course) {
  const suivante = "votre demande sera prise par la suivante.";
  const attend = course?.votre_demande;
  if (course?.statut === "en_cours") {
    return attend ? `Votre demande, faite ${moment(attend.demande_le)}, sera prise par la synchronisation suivante.` : `Une synchronisation est en cours ; ${suivante}`;
  }
  if (attend) return `Votre demande, faite ${moment(attend.demande_le)}, va commencer.`;
  return "Lit la source et met le CRM à jour ; rien n’y est supprimé.";
}

/** What a sync did, in one sentence. */
function resume(resultat) {
  const de = (cle, mot, feminin = "") => {
    const { crees = 0, modifies = 0 } = resultat[cle] ?? {};
    const parties = [crees && compte(crees, `${mot} créé${feminin}`, `${mot}s créé${feminin}s`), modifies && compte(modifies, `${mot} modifié${feminin}`, `${mot}s modifié${feminin}s`)];
    return parties.filter(Boolean);
  };
  const faits = [...de("clients", "client"), ...de("contrats", "contrat")];
  if (resultat.rejets) faits.push(`${nombre(resultat.rejets)} mis de côté`);
  return faits.length ? `${faits.join(", ")}.` : "Rien n’a changé.";
}

function detail(resultat) {
  const lignes = COMPTES.filter(([cle]) => resultat[cle]).map(([cle, nom]) => ({ nom, ...resultat[cle] }));
  const colonnes = [
    { cle: "nom", titre: "Quoi", entete: true, cellule: (l) => l.nom },
    ...SORTS.map(([cle, titre]) => ({ cle, titre, genre: "nombre", cellule: (l) => nombre(l[cle] ?? 0) })),
  ];
  return el(
    "details",
    { part: "detail" },
    el("summary", { "data-cle": "detail" }, "Détail"),
    tableau({ legende: "Ce que la synchronisation a fait", colonnes, lignes, classe: "serre" }),
  );
}
