// Opens a PKCS#12 file: finds the key and its certificate, checks that they are for this purpose, imports the key non-extractable.
import * as asn1js from "asn1js";
import { CertBag, Certificate, PFX, PKCS8ShroudedKeyBag, PrivateKeyInfo } from "pkijs";

const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";
const KEY_USAGE = "2.5.29.15";
const EC_KEY = "1.2.840.10045.2.1";
const RSA_KEY = "1.2.840.113549.1.1.1";
const CURVES = { "1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384" };
const DIGITAL_SIGNATURE = 0x80;
const NON_REPUDIATION = 0x40;

// A reason of ours, the name of a translated message on the page; `field` is the one to mend.
export class Refused extends Error {
  constructor(reason, field = "key-file") {
    super(reason);
    this.reason = reason;
    this.field = field;
  }
}

function parsePfx(bytes) {
  try {
    return PFX.fromBER(bytes);
  } catch {
    throw new Refused("notAKey");
  }
}

async function bagsOf(pfx, password) {
  try {
    await pfx.parseInternalValues({ password, checkIntegrity: false });
  } catch {
    throw new Refused("notAKey");
  }
  const safe = pfx.parsedValue.authenticatedSafe;
  try {
    await safe.parseInternalValues({ safeContents: safe.safeContents.map(() => ({ password })) });
  } catch (error) {
    if (String(error?.message).includes("contentEncryptionAlgorithm")) throw new Refused("oldKey");
    throw new Refused("wrongPassword", "key-password");
  }
  return safe.parsedValue.safeContents.flatMap((content) => content.value.safeBags);
}

async function privateKeyOf(bag, password) {
  if (bag.bagValue instanceof PrivateKeyInfo) return bag.bagValue;
  try {
    await bag.bagValue.parseInternalValues({ password });
  } catch (error) {
    if (String(error?.message).includes("contentEncryptionAlgorithm")) throw new Refused("oldKey");
    throw new Refused("wrongPassword", "key-password");
  }
  return bag.bagValue.parsedValue;
}

function localKeyId(bag) {
  const attribute = (bag.bagAttributes ?? []).find((one) => one.type === LOCAL_KEY_ID);
  return attribute ? attribute.values[0].valueBlock.valueHexView.toString() : null;
}

function certificateFor(keyBag, bags) {
  const certificates = bags.filter((bag) => bag.bagValue instanceof CertBag);
  const wanted = localKeyId(keyBag);
  const bag = certificates.find((one) => wanted !== null && localKeyId(one) === wanted) ?? certificates[0];
  if (!bag) throw new Refused("noCertificate");
  const der = new Uint8Array(bag.bagValue.certValue.getValue());
  return { der, parsed: Certificate.fromBER(der) };
}

function keyUsage(certificate) {
  const extension = (certificate.extensions ?? []).find((one) => one.extnID === KEY_USAGE);
  const bits = extension?.parsedValue;
  return bits instanceof asn1js.BitString ? bits.valueBlock.valueHexView[0] : 0;
}

function checkCertificate(certificate, purpose, now = new Date()) {
  if (now > certificate.notAfter.value) throw new Refused("expired");
  if (now < certificate.notBefore.value) throw new Refused("notYetValid");
  const usage = keyUsage(certificate);
  if (purpose === "sign" && !(usage & NON_REPUDIATION)) throw new Refused("notForSigning");
  if (purpose !== "sign" && !(usage & DIGITAL_SIGNATURE)) throw new Refused("notForSignIn");
}

function algorithmOf(info) {
  const { algorithmId, algorithmParams } = info.privateKeyAlgorithm;
  if (algorithmId === EC_KEY) {
    const namedCurve = CURVES[algorithmParams.valueBlock.toString()];
    if (namedCurve) return { name: "ECDSA", namedCurve, hash: "SHA-256" };
  }
  if (algorithmId === RSA_KEY) return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  throw new Refused("oldKey");
}

// The key does belong to the certificate, said by a signature nobody keeps.
async function matches(algorithm, key, certificate) {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const spki = certificate.subjectPublicKeyInfo.toSchema().toBER(false);
  try {
    const publicKey = await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, publicKey, await crypto.subtle.sign(algorithm, key, probe), probe);
  } catch {
    return false;
  }
}

// -> {certificate: Uint8Array (DER), isEllipticCurve, sign(bytes) -> Uint8Array}. Refuses with a reason otherwise.
export async function openKey(file, passwordText, purpose) {
  const password = new TextEncoder().encode(passwordText).buffer;
  const bags = await bagsOf(parsePfx(file), password);
  const keyBag = bags.find((bag) => bag.bagValue instanceof PKCS8ShroudedKeyBag || bag.bagValue instanceof PrivateKeyInfo);
  if (!keyBag) throw new Refused("notAKey");
  const { der, parsed } = certificateFor(keyBag, bags);
  checkCertificate(parsed, purpose);
  const info = await privateKeyOf(keyBag, password);
  const algorithm = algorithmOf(info);
  const pkcs8 = new Uint8Array(info.toSchema().toBER(false));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  pkcs8.fill(0);
  if (!(await matches(algorithm, key, parsed))) throw new Refused("mismatch");
  return {
    certificate: der,
    isEllipticCurve: algorithm.name === "ECDSA",
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(algorithm, key, bytes)),
  };
}

