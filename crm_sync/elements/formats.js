/** How values are written for a person: French, Europe/Paris, amounts in euros. Unknown is a dash, never "null" or "NaN". */

export const RIEN = "–";
const ZONE = "Europe/Paris";
const LANGUE = "fr-FR";
const NOMBRE = new Intl.NumberFormat(LANGUE);
const EUROS = new Intl.NumberFormat(LANGUE, { style: "currency", currency: "EUR" });
const POURCENT = new Intl.NumberFormat(LANGUE, { style: "percent", maximumFractionDigits: 1 });
const JOUR = new Intl.DateTimeFormat(LANGUE, { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });
const JOUR_LONG = new Intl.DateTimeFormat(LANGUE, { timeZone: ZONE, day: "numeric", month: "long" });
const JOUR_LONG_AN = new Intl.DateTimeFormat(LANGUE, { timeZone: ZONE, day: "numeric", month: "long", year: "numeric" });
const MOIS_COURT = new Intl.DateTimeFormat(LANGUE, { timeZone: ZONE, month: "short" });
const MOIS_LONG = new Intl.DateTimeFormat(LANGUE, { timeZone: ZONE, month: "long", year: "numeric" });
const HEURE = new Intl.DateTimeFormat(LANGUE, { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const ISO_JOUR = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE });
const DATE_SEULE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

const vide = (valeur) => valeur === null || valeur === undefined || valeur === "";

/** A count: `1 234`. */
export const nombre = (valeur) => (vide(valeur) || Number.isNaN(Number(valeur)) ? RIEN : NOMBRE.format(valeur));

/** An amount, given as a decimal text ("29.90"): `29,90 €`. */
export const euros = (valeur) => (vide(valeur) || Number.isNaN(Number(valeur)) ? RIEN : EUROS.format(valeur));

/** A share from 0 to 1: `12,5 %`. */
export const pourcent = (valeur) => (vide(valeur) || Number.isNaN(Number(valeur)) ? RIEN : POURCENT.format(valeur));

/** A number and what it counts: `compte(2, "contrat")` is `2 contrats`; zero is singular in French. */
export function compte(combien, mot, pluriel = `${mot}s`) {
  return `${nombre(combien)} ${Math.abs(Number(combien)) >= 2 ? pluriel : mot}`;
}

/** A date alone has no hour: noon in UTC is the same day in Paris. */
function lire(valeur) {
  if (vide(valeur)) return null;
  const lu = new Date(DATE_SEULE.test(valeur) ? `${valeur}T12:00:00Z` : valeur);
  return Number.isNaN(lu.getTime()) ? null : lu;
}

/** A day: `03/11/2026`; an instant is that day in Paris. */
export function jour(valeur) {
  const lu = lire(valeur);
  return lu ? JOUR.format(lu) : RIEN;
}

const milieu = (mois) => new Date(`${mois.slice(0, 7)}-15T12:00:00Z`);

/** A month given as `2026-11`, or any day of it, under a column: `nov.`. */
export const moisCourt = (mois) => MOIS_COURT.format(milieu(mois));

/** The same in full: `novembre 2026`. */
export const moisLong = (mois) => MOIS_LONG.format(milieu(mois));

/** The hour and minute of an instant: `14:03`. */
export function heure(valeur) {
  const lu = lire(valeur);
  return lu ? HEURE.format(lu) : RIEN;
}

/** An instant as one says it today: `à 14:03`, `le 23 novembre à 14:03`, with the year where it is another one. */
export function moment(valeur, maintenant = new Date()) {
  const lu = lire(valeur);
  if (!lu) return RIEN;
  if (ISO_JOUR.format(lu) === ISO_JOUR.format(maintenant)) return `à ${HEURE.format(lu)}`;
  const memeAnnee = ISO_JOUR.format(lu).slice(0, 4) === ISO_JOUR.format(maintenant).slice(0, 4);
  return `le ${(memeAnnee ? JOUR_LONG : JOUR_LONG_AN).format(lu)} à ${HEURE.format(lu)}`;
}

/** How fresh numbers are: `données de 14:03`, `données du 23 novembre à 14:03`. */
export function donneesDe(calculeLe, maintenant = new Date()) {
  const quand = moment(calculeLe, maintenant);
  if (quand === RIEN) return "jamais calculé";
  return quand.startsWith("à ") ? `données de ${quand.slice(2)}` : `données du ${quand.slice(3)}`;
}

/** When the last sync was: `synchronisé à 14:03`. */
export const synchronise = (le, maintenant = new Date()) => (le ? `synchronisé ${moment(le, maintenant)}` : "jamais synchronisé");

/** Today in Paris, `2026-11-24`. */
export const aujourdhui = (maintenant = new Date()) => ISO_JOUR.format(maintenant);

/** A value as the source sent it, for a person: dates in French (the hour where it is not midnight in UTC or Paris). */
export function valeurSource(valeur) {
  if (vide(valeur)) return RIEN;
  if (typeof valeur === "boolean") return valeur ? "oui" : "non";
  const texte = String(valeur);
  if (DATE_SEULE.test(texte)) return jour(texte);
  if (!INSTANT.test(texte) || !lire(texte)) return texte;
  const minuit = HEURE.format(lire(texte)) === "00:00" || /T00:00(:00(\.0+)?)?Z$/.test(texte);
  return minuit ? jour(texte) : `${jour(texte)} ${heure(texte)}`;
}
