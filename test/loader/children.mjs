import { addListener } from 'process-on-spawn'

/**
 * tap has every Node process below a test load what records its coverage. Without coverage nobody asks for that, and it
 * takes a process three times as long to start as Node itself; a lab alone is dozens of processes.
 */
const HOOKS = /(^|\s)"?--import=\S*@tapjs\/processinfo\S*/

if (process.env._TAPJS_PROCESSINFO_COVERAGE_ === '0')
  addListener((child) => {
    const { NODE_OPTIONS = '', ...env } = child.env
    const left = NODE_OPTIONS.replace(HOOKS, '').trim()
    child.env = left === '' ? env : { ...env, NODE_OPTIONS: left }
  })
