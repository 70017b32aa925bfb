// Counts down how long a code lives, and takes it off the page when it is over.
const code = document.getElementById('code')
const left = document.getElementById('left')
const end = Date.now() + Number(code.dataset.seconds) * 1000
const timer = setInterval(tick, 250)

function tick() {
  const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000))
  left.textContent = seconds > 0 ? `${seconds} 秒后失效` : '已失效，请换一个'
  if (seconds > 0) return
  clearInterval(timer)
  code.remove()
}
tick()
