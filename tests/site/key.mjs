// Drives the soft key's modules under node, as the browser would: a task on stdin, what came of it on stdout.
import { readFileSync } from "node:fs";

const [scripts] = process.argv.slice(2);
const { openKey, Refused } = await import(`${scripts}/softkey.js`);
const { checkSignedAttributes, fromBase64, toBase64, toDer } = await import(`${scripts}/signing.js`);
const task = JSON.parse(readFileSync(0, "utf8"));

try {
  const key = await openKey(fromBase64(task.p12), task.password, task.purpose);
  const result = { certificate: toBase64(key.certificate), ec: key.isEllipticCurve };
  if (task.attributes) {
    const attributes = fromBase64(task.attributes);
    result.digest = await checkSignedAttributes(attributes, task.digest, key.certificate);
    const value = await key.sign(attributes);
    result.signature = toBase64(key.isEllipticCurve ? toDer(value) : value);
  }
  console.log(JSON.stringify(result));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log(JSON.stringify({ refused: error.reason, field: error.field }));
}
