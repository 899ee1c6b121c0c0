// Node's undici: a Pool, and JSON.parse.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {parseArgs} from 'node:util';

const {Pool} = createRequire(import.meta.url)('undici');  // by require, which looks in NODE_PATH too
const text = (value) => ({type: 'string', default: value});
const {values} = parseArgs({options: {port: text(''), ca: text(''), requests: text('20000'), warmup: text('2000'), connections: text('64')}});
const connections = Number(values.connections);

const pool = new Pool(`https://127.0.0.1:${values.port}`, {connections, pipelining: 1, connect: {ca: readFileSync(values.ca)}});
const request = {
  method: 'GET',
  path: '/projects/project-0/integrations/integration-0',
  headers: {accept: 'application/json', authorization: 'Bearer benchmark-token'},
};
let errors = 0;

async function run(count) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) {
      const {statusCode, body} = await pool.request(request);
      const value = await body.json();
      if (statusCode !== 200 || value.repository !== 'acme-engineering/storefront-backend') ++errors;
    }
  };
  await Promise.all(Array.from({length: connections}, caller));
}

await run(Number(values.warmup));
const before = process.cpuUsage();
const begun = process.hrtime.bigint();
await run(Number(values.requests));
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const used = process.cpuUsage(before);
await pool.close();
console.log(JSON.stringify({peer: 'undici', requests: Number(values.requests), seconds, cpu_user_us: used.user, cpu_sys_us: used.system, errors}));
process.exitCode = errors === 0 ? 0 : 1;
