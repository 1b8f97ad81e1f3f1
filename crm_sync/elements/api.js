/** The read API as the elements call it: token, renewal after a 401, time-out, problem details as one kind of error. */

const DELAI_MS = 20_000;

/** What went wrong, in words for the page; `statut` 0 is no answer at all; `attendre` in seconds where the API says so. */
export class ErreurApi extends Error {
  constructor(statut, message, attendre = null) {
    super(message);
    this.name = "ErreurApi";
    this.statut = statut;
    this.attendre = attendre;
  }
}

const PHRASES = {
  0: "Le service ne répond pas.",
  401: "Votre session a expiré. Reconnectez-vous au CRM.",
  403: "Vous n’avez pas accès à ces données.",
  404: "Rien ici que vous puissiez voir : l’élément n’existe pas, ou il n’est pas dans votre portefeuille.",
  429: "Trop de demandes. Patientez un instant.",
};

/** Where the API is: what `api` says, or where this script came from. */
export function baseDe(attribut) {
  const base = attribut ? new URL(attribut, document.baseURI) : new URL("../", import.meta.url);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

/** Query parameters without those that say nothing; a list repeats its name. */
function avecParametres(adresse, parametres) {
  for (const [cle, valeur] of Object.entries(parametres)) {
    for (const une of [valeur].flat()) if (une !== null && une !== undefined && une !== "") adresse.searchParams.append(cle, une);
  }
  return adresse;
}

async function erreurDe(reponse) {
  let detail = null;
  try {
    const probleme = await reponse.json();
    detail = probleme?.detail || probleme?.title || null;
  } catch {
    // A proxy answers with HTML: its status is all there is to say.
  }
  const fixe = [401, 403, 404].includes(reponse.status) ? PHRASES[reponse.status] : null;
  const attendre = Number(reponse.headers.get("Retry-After")) || null;
  const phrase = fixe ?? detail ?? PHRASES[reponse.status] ?? `Le service a répondu par une erreur (${reponse.status}).`;
  return new ErreurApi(reponse.status, String(phrase), attendre);
}

/**
 * Call the API once and give its JSON.
 *
 * @param {{base: URL, jeton: (nouveau: boolean) => Promise<string|null>}} acces `jeton(true)` asks for a new token.
 * @throws {ErreurApi} whatever is not a 2xx answer with JSON; the signal's own abort passes as it is.
 */
export async function appeler(acces, chemin, { parametres = {}, methode = "GET", signal } = {}) {
  const adresse = avecParametres(new URL(chemin, acces.base), parametres);
  let reponse = await envoyer(adresse, methode, await acces.jeton(false), signal);
  if (reponse.status === 401) {
    const nouveau = await acces.jeton(true);
    if (nouveau) reponse = await envoyer(adresse, methode, nouveau, signal);
  }
  if (!reponse.ok) throw await erreurDe(reponse);
  try {
    return await reponse.json();
  } catch (erreur) {
    if (signal?.aborted) throw erreur;
    throw new ErreurApi(reponse.status, "Le service a donné une réponse illisible.");
  }
}

async function envoyer(adresse, methode, jeton, signal) {
  if (!jeton) throw new ErreurApi(401, "Connexion nécessaire : ouvrez votre session dans le CRM.");
  const limite = AbortSignal.timeout(DELAI_MS);
  try {
    return await fetch(adresse, {
      method: methode,
      headers: { Authorization: `Bearer ${jeton}`, Accept: "application/json" },
      cache: "no-cache", // the ETag decides: a number seen by somebody else is never shown from the cache
      credentials: "omit",
      signal: signal ? AbortSignal.any([signal, limite]) : limite,
    });
  } catch (erreur) {
    if (signal?.aborted) throw erreur;
    throw new ErreurApi(0, limite.aborted ? "Le service n’a pas répondu à temps." : PHRASES[0]);
  }
}
