import type { components } from '../../api/schema';
import { readableName } from '../../lib/distinguishedName';

export type Verdict = components['schemas']['Verdict'];
export type FileVerdict = components['schemas']['FileVerdict'];
export type SignatureVerdict = components['schemas']['SignatureVerdict'];

/** One conclusion in a full sentence: `key` is a text of namespace "verdict", `reason` comes worded from the server. */
export interface Finding {
  kind: 'person' | 'seal' | 'other' | 'timestamp' | 'file';
  tone: 'green' | 'amber' | 'red' | 'muted';
  key: string;
  args: Record<string, string>;
  /** The exact reason, already in words; empty when the sentence says all. */
  reason: string;
  /** When it was signed, and whether a timestamp proves it; null when nothing is known. */
  time: { at: string; proven: boolean } | null;
  /** What came after a good signature, each thing once. */
  added: Addition[];
  /** Made with a key without legal value. */
  trial: boolean;
  signature: SignatureVerdict | null;
}

/** Things that may be added after a signature without breaking it. */
export type Addition =
  | 'number'
  | 'date'
  | 'seal'
  | 'signature'
  | 'timestamp'
  | 'validation'
  | 'field'
  | 'text'
  | 'information';

type Missing = Verdict['missing'][number];

/** True while the server still checks a file. */
export function isChecking(verdict: Verdict): boolean {
  return verdict.files.some((file) => file.overall === 'checking');
}

/** Everything there is to say about the signatures of one file. */
export function findingsOfFile(file: FileVerdict): Finding[] {
  if (file.overall === 'checking') return [plain('muted', 'checking', file)];
  if (file.signatures.length === 0) {
    if (file.overall === 'unsigned') return [plain('muted', 'unsigned', file)];
    return [plain(file.overall === 'invalid' ? 'red' : 'amber', 'fileUnknown', file)];
  }
  return file.signatures.map(ofSignature);
}

/** What the main file should carry and does not. `awaited` are signatures that are still to come in this state. */
export function missingFindings(verdict: Verdict, awaited: readonly Missing[] = []): Finding[] {
  return verdict.missing
    .filter((missing) => !awaited.includes(missing))
    .map((missing) => ({
      kind: missing,
      tone: 'red',
      key: missing === 'seal' ? 'missingSeal' : 'missingPerson',
      args: {},
      reason: '',
      time: null,
      added: [],
      trial: false,
      signature: null,
    }));
}

function plain(tone: Finding['tone'], key: string, file: FileVerdict): Finding {
  return {
    kind: 'file',
    tone,
    key,
    args: { file: file.name },
    reason: file.reason,
    time: null,
    added: [],
    trial: false,
    signature: null,
  };
}

function ofSignature(signature: SignatureVerdict): Finding {
  const kind = kindOf(signature);
  const who =
    kind === 'person' || kind === 'other'
      ? signature.signer_name || signature.agency_name || readableName(signature.certificate_subject)
      : signature.agency_name || signature.signer_name || readableName(signature.certificate_subject);
  const { sentence, tone } = judge(signature);
  return {
    kind,
    tone,
    key: `sentence.${kind}.${sentence}`,
    args: { who },
    reason: ['whole', 'partial', 'revoked'].includes(sentence) ? '' : signature.reason,
    time: timeOf(signature),
    added: signature.result === 'valid' && signature.coverage === 'partial_allowed' ? additionsOf(signature) : [],
    trial: signature.development,
    signature,
  };
}

function kindOf(signature: SignatureVerdict): 'person' | 'seal' | 'other' | 'timestamp' {
  return signature.kind === 'document_timestamp' ? 'timestamp' : signature.purpose;
}

function timeOf(signature: SignatureVerdict): Finding['time'] {
  if (signature.time_proven && signature.best_time) return { at: signature.best_time, proven: true };
  return signature.claimed_at ? { at: signature.claimed_at, proven: false } : null;
}

/** What the filling of a field of the trade is called; the date may stand in three: day, month, year. */
function namedField(field: string): Addition | undefined {
  if (field === 'So') return 'number';
  if (/^NgayBanHanh(Ngay|Thang|Nam)?$/.test(field)) return 'date';
  return field === 'DauCoQuan' ? 'seal' : undefined;
}

const additionsInOrder: readonly Addition[] = [
  'number',
  'date',
  'seal',
  'signature',
  'timestamp',
  'validation',
  'field',
  'text',
  'information',
];

function additionsOf(signature: SignatureVerdict): Addition[] {
  const found = new Set(signature.changes.map((change) => additionOf(change.kind, change.field)));
  return additionsInOrder.filter((addition) => found.has(addition));
}

function additionOf(kind: SignatureVerdict['changes'][number]['kind'], field: string): Addition | null {
  switch (kind) {
    case 'signature':
      return namedField(field) ?? 'signature';
    case 'form_value':
      return namedField(field) ?? 'text';
    case 'document_timestamp':
      return 'timestamp';
    case 'validation_data':
      return 'validation';
    case 'field':
    case 'information':
      return kind;
    case 'content':
      return null;
  }
}

function judge(signature: SignatureVerdict): { sentence: string; tone: Finding['tone'] } {
  if (signature.coverage === 'partial_changed') return { sentence: 'changed', tone: 'red' };
  if (signature.revocation === 'revoked' && signature.result === 'invalid') return { sentence: 'revoked', tone: 'red' };
  if (signature.result === 'invalid') return { sentence: 'invalid', tone: 'red' };
  if (signature.result === 'unknown') return { sentence: 'unknown', tone: 'amber' };
  return {
    sentence: signature.coverage === 'whole' ? 'whole' : 'partial',
    tone: signature.development ? 'amber' : 'green',
  };
}
