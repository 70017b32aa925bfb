import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { CaseCard } from '@/api/caseTypes'
import type { ServiceContacts } from '@/api/memberTypes'
import type { Benefit, PolicyList } from '@/api/policyTypes'
import type { Page } from '@/api/types'
import type { Ticket } from '@/api/voiceTypes'
import { usePersonalLoad } from '@/composables/load'
import { policiesAt, waitsForMe } from '@/lib/policies'

const TOP = 3

/** What an enterprise's page shows beside its register and licences; each part comes by itself. */
export function useEnterpriseMine(uscc: Ref<string>) {
  const policies = usePersonalLoad(() => api.get<PolicyList>(policiesAt(uscc.value)))
  const benefits = usePersonalLoad(() => api.get<{ items: Benefit[] }>(policiesAt(uscc.value, 'benefits')))
  const cases = usePersonalLoad(() => api.get<Page<CaseCard>>(`/enterprise/enterprises/${encodeURIComponent(uscc.value)}/cases`, { state: 'open' }))
  const tickets = usePersonalLoad(() => api.get<{ items: Ticket[] }>('/citizen/consultations'))

  const contacts = usePersonalLoad(() => api.get<ServiceContacts>(`/enterprise/enterprises/${encodeURIComponent(uscc.value)}/contacts`))

  const fitting = computed(() => policies.data.value?.items.filter((one) => one.outcome === 'matched') ?? [])
  const top = computed(() => fitting.value.slice(0, TOP))
  const offers = computed(() => benefits.data.value?.items.filter(waitsForMe) ?? [])
  const corrections = computed(() => cases.data.value?.items.filter((one) => one.state === 'correction') ?? [])
  const open = computed(() => cases.data.value?.items.length ?? 0)
  const asked = computed(() => tickets.data.value?.items.filter((one) => !['closed', 'withdrawn'].includes(one.state)) ?? [])

  /** Whether all that could be to do has come; what somebody may not see is not theirs to do. */
  const todos = computed<'known' | 'asking' | 'unknown'>(() => {
    const parts = [benefits, cases]
    if (parts.some((one) => one.problem.value && one.problem.value.status !== 403)) return 'unknown'
    return parts.every((one) => one.data.value || one.problem.value) ? 'known' : 'asking'
  })

  function load(): void {
    for (const part of [benefits, cases, tickets, policies, contacts]) void part.load()
  }

  return { policies, contacts, fitting, top, offers, corrections, open, asked, todos, load }
}
