/** Which addresses may become a link: http(s) and addresses of the host's own site. `javascript:` and the like never do. */

const ABSOLUE = /^https?:\/\//i;

function sure(adresse, base) {
  try {
    const lue = new URL(adresse, base);
    return lue.protocol === "https:" || lue.protocol === "http:" ? lue.href : null;
  } catch {
    return null;
  }
}

/** A page of the CRM from a template such as `/clients/{id}`; null without template or id, or if it is no web address. */
export function adressePage(gabarit, id) {
  if (!gabarit || id === null || id === undefined || id === "") return null;
  return sure(gabarit.replaceAll("{id}", encodeURIComponent(String(id))), document.baseURI);
}

/** A document's address as stored; null where it is a path or anything but http(s): then it is shown as text. */
export function adresseDocument(valeur) {
  return typeof valeur === "string" && ABSOLUE.test(valeur.trim()) ? sure(valeur.trim()) : null;
}
