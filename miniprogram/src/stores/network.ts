import { ref } from 'vue'

const online = ref(true)
let watching = false

/** Whether the device has a network, kept up to date while the app runs. */
export function useNetwork() {
  if (!watching) {
    watching = true
    uni.getNetworkType({ success: (answer) => (online.value = answer.networkType !== 'none') })
    uni.onNetworkStatusChange((answer) => (online.value = answer.isConnected))
  }
  return { online }
}
