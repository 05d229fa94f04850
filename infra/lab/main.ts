/** Entry of `dist/lab.js`: the processes of the lab inside its namespaces. */
const role = process.argv[2]
if (role === 'agent') (await import('./agent.js')).runAgent()
else if (role === 'world') await (await import('./world.js')).runWorld()
else throw new Error(`no role ${role}: the lab starts this file itself`)
