// What is signed is checked here before the key touches it: the signed attributes must name this document and this certificate.
import * as asn1js from "asn1js";

import { Refused } from "./softkey.js";

const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const DATA = "1.2.840.113549.1.7.1";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const SHA256 = "2.16.840.1.101.3.4.2.1";

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function hex(bytes) {
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export function toBase64(bytes) {
  let binary = "";
  for (const one of new Uint8Array(bytes)) binary += String.fromCharCode(one);
  return btoa(binary);
}

export function fromBase64(value) {
  return Uint8Array.from(atob(value), (one) => one.charCodeAt(0));
}

// SET OF Attribute -> Map(oid -> the one value). Anything else is not what a CAdES signature signs.
function attributesOf(der) {
  const parsed = asn1js.fromBER(der);
  if (parsed.offset === -1 || der[0] !== 0x31 || parsed.offset !== der.length) throw new Refused("otherDocument");
  const found = new Map();
  for (const attribute of parsed.result.valueBlock.value) {
    const [type, values] = attribute.valueBlock.value;
    const oid = type.valueBlock.toString();
    if (found.has(oid) || values.valueBlock.value.length !== 1) throw new Refused("otherDocument");
    found.set(oid, values.valueBlock.value[0]);
  }
  return found;
}

function certificateHash(attribute) {
  const first = attribute.valueBlock.value[0].valueBlock.value[0].valueBlock.value;
  const named = first[0] instanceof asn1js.Sequence;
  if (named && first[0].valueBlock.value[0].valueBlock.toString() !== SHA256) throw new Refused("otherCertificate");
  return new Uint8Array((named ? first[1] : first[0]).valueBlock.valueHexView);
}

// Returns the message digest (lower hex) after checking content type, digest and certificate.
export async function checkSignedAttributes(der, expectedDigest, certificate) {
  const attributes = attributesOf(der);
  const contentType = attributes.get(CONTENT_TYPE);
  const digest = attributes.get(MESSAGE_DIGEST);
  const signer = attributes.get(SIGNING_CERTIFICATE_V2);
  if (contentType?.valueBlock.toString() !== DATA || !digest || !signer) throw new Refused("otherDocument");
  const value = hex(new Uint8Array(digest.valueBlock.valueHexView));
  if (value !== String(expectedDigest).toLowerCase()) throw new Refused("otherDocument");
  if (hex(certificateHash(signer)) !== hex(await sha256(certificate))) throw new Refused("otherCertificate");
  return value;
}

function derInteger(bytes) {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const value = bytes.subarray(start);
  const body = value[0] & 0x80 ? [0, ...value] : [...value];
  return [0x02, body.length, ...body];
}

// WebCrypto gives r || s (IEEE P1363); CMS wants SEQUENCE { r, s }.
export function toDer(signature) {
  const bytes = new Uint8Array(signature);
  const half = bytes.length / 2;
  const body = [...derInteger(bytes.subarray(0, half)), ...derInteger(bytes.subarray(half))];
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Uint8Array.from([0x30, ...length, ...body]);
}
