// Type check that fails on errors of our own: a dependency that ships .vue sources is checked with
// them by vue-tsc, and its errors are not ours to mend.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const bin = createRequire(import.meta.url).resolve('vue-tsc/bin/vue-tsc.js')
const run = spawnSync(process.execPath, [bin, '--noEmit', '--pretty', 'false'], { encoding: 'utf8' })
const lines = `${run.stdout}${run.stderr}`.split('\n').filter(Boolean)
const isOurs = (line) => /^(src|tests|scripts|verifier)\//.test(line) || /^[\w.]+\.config\.ts/.test(line)
const ours = []
let keep = false
for (const line of lines) {
  if (!line.startsWith(' ')) keep = isOurs(line)
  if (keep) ours.push(line)
}
const ranAtAll = run.status === 0 || lines.some((line) => /error TS\d+/.test(line))
if (!ranAtAll) {
  console.error(lines.join('\n') || 'vue-tsc did not run')
  process.exit(1)
}
if (ours.length > 0) {
  console.error(ours.join('\n'))
  process.exit(1)
}
const foreign = lines.filter((line) => /error TS\d+/.test(line)).length
console.log(`types: no error under src/ and tests/ (${foreign} in dependencies)`)
