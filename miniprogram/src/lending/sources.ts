import { api } from '@/api/client'
import type { Loan } from '@/api/lendingTypes'
import type { Offer, ShownCode, UsagePage } from '@/api/types'
import { codeBody, type ShowChoice, type ShowSource } from '@/composables/showing'

/** A licence that I may show though it is not mine: by a loan, or of somebody whose wallet I carry. */
export interface Lent {
  loan: string
  member: string
  /** Of the company that the loan is for; empty where it is for me. */
  uscc?: string
}

/** Where the loans that I, or a company that I act for, may use are listed. */
export const borrowedPath = (uscc = '') => (uscc ? `/enterprise/enterprises/${encodeURIComponent(uscc)}/borrowed` : '/citizen/borrowed')

const borrowed = (id: string, uscc?: string) => `${borrowedPath(uscc)}/${encodeURIComponent(id)}`
const family = (id: string) => `/citizen/family/${encodeURIComponent(id)}`

/** What a loan allows to show: exactly what was agreed. */
export function offerOf(loan: Loan): Offer {
  const facts = loan.fields.map((field) => ({ ...field, sensitive: false, predicate: false }))
  return { licence_id: loan.licence_id, facts, required_level: 3, confirm: 'never' }
}

/** Where the codes of such a licence come from. */
export function lentSource(of: () => Lent, loan: () => Loan | null): ShowSource {
  return {
    async offer({ licenceId }) {
      const found = loan()
      if (found) return offerOf(found)
      return api.get<Offer>(`${family(of().member)}/presentations/offer`, { licence_id: licenceId })
    },
    code(choice, replaces) {
      const { loan: id, member, uscc } = of()
      if (id) return api.post<ShownCode>(`${borrowed(id, uscc)}/codes`)
      return api.post<ShownCode>(`${family(member)}/presentations/codes`, codeBody(choice, replaces))
    },
    // The log of a loan is its owner's alone.
    get looks() {
      const { loan: id, member } = of()
      if (id) return undefined
      return ({ licenceId }: ShowChoice) => api.get<UsagePage>(`${family(member)}/licence-usages`, { licence: licenceId })
    },
  }
}
