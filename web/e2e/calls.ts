import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type APIRequestContext, request } from '@playwright/test';
import { expect, type Server } from './server.ts';
import { paper } from './steps.ts';

/** A person of the demo city who works through the API, for what a test needs but does not look at. */
export class Caller {
  readonly api: APIRequestContext;
  private password = '';

  private constructor(api: APIRequestContext) {
    this.api = api;
  }

  static async of(server: Server, username: string): Promise<Caller> {
    const api = await request.newContext({ baseURL: server.url, extraHTTPHeaders: { Origin: server.url } });
    const caller = new Caller(api);
    caller.password = server.password(username);
    await caller.post('/sign-in', { username, password: caller.password });
    return caller;
  }

  /** Gives the password again, before signing or sealing. */
  async stepUp(): Promise<void> {
    await this.post('/step-up', { password: this.password });
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.api.get(`/api/v1${path}`);
    expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true);
    return (await answer.json()) as T;
  }

  /** A command; `version` is that of the thing it changes. */
  async post<T>(path: string, body: unknown = {}, version?: number): Promise<T> {
    const answer = await this.api.post(`/api/v1${path}`, {
      headers: { 'Idempotency-Key': randomUUID(), ...(version === undefined ? {} : { 'If-Match': `"${version}"` }) },
      data: body,
    });
    const text = await answer.text();
    expect(answer.ok(), `${path}: ${answer.status()} ${text}`).toBe(true);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  /** A change that may be sent twice. */
  async put<T>(path: string, body: unknown): Promise<T> {
    const answer = await this.api.put(`/api/v1${path}`, { data: body });
    const text = await answer.text();
    expect(answer.ok(), `${path}: ${answer.status()} ${text}`).toBe(true);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  async upload(name: string): Promise<string> {
    return await this.uploadBytes(name, await readFile(paper(name)));
  }

  async uploadBytes(name: string, bytes: Buffer): Promise<string> {
    const { id } = await this.post<{ id: string }>('/uploads', { name, size: bytes.length });
    const sent = await this.api.put(`/api/v1/uploads/${id}/content`, {
      headers: { 'Upload-Offset': '0', 'Content-Type': 'application/octet-stream' },
      data: bytes,
    });
    expect(sent.ok(), await sent.text()).toBe(true);
    await this.post(`/uploads/${id}/complete`);
    return id;
  }

  /** The content of the main file of a document, as it is now. */
  async mainFile(document: string): Promise<Buffer> {
    const { files } = await this.get<{ files: { id: string; main: boolean }[] }>(`/documents/${document}`);
    const file = files.find((f) => f.main);
    const answer = await this.api.get(`/api/v1/documents/${document}/files/${file?.id}`);
    expect(answer.ok(), `${document}: ${answer.status()}`).toBe(true);
    return await answer.body();
  }

  async close() {
    await this.api.dispose();
  }
}

interface Sent {
  id: string;
  version: number;
}

/** Sends new documents of the department of finance to an agency, as its clerk and its leader. */
export class FinanceOffice {
  private readonly clerk: Caller;
  private readonly leader: Caller;
  private readonly recipient: string;
  private count = 0;

  private constructor(clerk: Caller, leader: Caller, recipient: string) {
    this.clerk = clerk;
    this.leader = leader;
    this.recipient = recipient;
  }

  static async writingTo(server: Server, recipientName: string): Promise<FinanceOffice> {
    const clerk = await Caller.of(server, 'stc_nguyenthidiep');
    const leader = await Caller.of(server, 'stc_vudinhkhai');
    const agencies = await clerk.get<{ items: { id: string; name: string }[] }>('/agencies?limit=200');
    const recipient = agencies.items.find((a) => a.name === recipientName);
    if (!recipient) throw new Error(`no agency ${recipientName}`);
    return new FinanceOffice(clerk, leader, recipient.id);
  }

  /** Puts a document before the leader. */
  async submit(subject: string): Promise<Sent> {
    const { clerk, leader } = this;
    const signer = await leader.get<{ current: { id: string } }>('/me');
    const document = await clerk.post<Sent>('/documents', {
      type_code: 'CV',
      symbol: 'STC-NS',
      subject,
      urgency: 1,
      signer_id: signer.current.id,
      recipient_ids: [this.recipient],
      files: [{ upload_id: await clerk.upload('trinh-ky.pdf'), main: true }],
    });
    return await clerk.post<Sent>(`/documents/${document.id}/submit`, {}, document.version);
  }

  /** Prepares a signed and sealed document; the returned function sends it. */
  async prepare(subject: string): Promise<() => Promise<void>> {
    const { clerk, leader } = this;
    let document = await this.submit(subject);
    this.count += 1;
    const today = new Date().toLocaleDateString('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' });
    await leader.stepUp();
    document = await leader.post<Sent>(`/documents/${document.id}/sign`, {}, document.version);
    const number = String(7000 + (Date.now() % 100_000) + this.count);
    document = await clerk.post<Sent>(
      `/documents/${document.id}/number`,
      { number, issued_on: today },
      document.version,
    );
    await clerk.stepUp();
    document = await clerk.post<Sent>(`/documents/${document.id}/seal`, {}, document.version);
    const { id, version } = document;
    return async () => {
      await clerk.post(`/documents/${id}/send`, {}, version);
    };
  }

  async close() {
    await this.clerk.close();
    await this.leader.close();
  }
}
