import { computed } from 'vue'
import type { CodeName } from '@/api/types'
import { useBootstrap } from '@/stores/bootstrap'
import { usePreferences } from '@/stores/preferences'

/** The place whose services are shown: the chosen one, else the province itself. */
export function useRegion() {
  const preferences = usePreferences()
  const bootstrap = useBootstrap()
  return computed<CodeName>(
    () => preferences.state.region ?? bootstrap.state.data?.home_region ?? { code: '', name: '选择地区' },
  )
}
