/** The one module that a page loads: `<script type="module" src="…/elements/crm-sync.js">`. Registers the four elements. */

import { CrmContrats } from "./contrats.js";
import { CrmContratsParCommercial } from "./contrats-par-commercial.js";
import { CrmSynchroniser } from "./synchroniser.js";
import { CrmVue360 } from "./vue-360.js";

const ELEMENTS = {
  "crm-contrats": CrmContrats,
  "crm-contrats-par-commercial": CrmContratsParCommercial,
  "crm-synchroniser": CrmSynchroniser,
  "crm-vue-360": CrmVue360,
};

for (const [nom, classe] of Object.entries(ELEMENTS)) {
  if (!customElements.get(nom)) customElements.define(nom, classe); // a page may load this twice
}

export { CrmContrats, CrmContratsParCommercial, CrmSynchroniser, CrmVue360 };
