import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import { useCommand } from '../../../api/useCommand';

type ImageInput = components['schemas']['ImageInput'];
type Kind = components['schemas']['ImagePreviewInput']['kind'];

/** Whose picture it is: an agency has a seal, a person a signature. */
export interface Holder {
  kind: Kind;
  id: string;
  name: string;
}

/** A picture in its real size; `url` holds the PNG itself. */
export interface Picture {
  url: string;
  width: number;
  height: number;
}

const pictureKey = ({ kind, id }: Holder) => ['signature-image', kind, id] as const;

/** The picture that is kept now, or null. */
export const pictureQuery = (holder: Holder) =>
  queryOptions({
    queryKey: pictureKey(holder),
    queryFn: async ({ signal }): Promise<Picture | null> => {
      const options = { signal, parseAs: 'blob' as const };
      const answer =
        holder.kind === 'seal'
          ? await api.GET('/api/v1/agencies/{agency_id}/seal-image', {
              params: { path: { agency_id: holder.id } },
              ...options,
            })
          : await api.GET('/api/v1/people/{person_id}/signature-image', {
              params: { path: { person_id: holder.id } },
              ...options,
            });
      if (answer.response.status === 404) return null;
      const blob = await take<unknown>(Promise.resolve(answer));
      const { headers } = answer.response;
      return {
        url: await dataUrl(blob as Blob),
        width: Number(headers.get('X-Width-Mm')),
        height: Number(headers.get('X-Height-Mm')),
      };
    },
  });

/** What would be kept of an upload: ink on transparent ground. */
export const previewQuery = (kind: Kind, uploadId: string | undefined) =>
  queryOptions({
    queryKey: ['signature-image', 'preview', kind, uploadId],
    enabled: uploadId !== undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const call = api.POST('/api/v1/signature-images/preview', {
        body: { upload_id: uploadId ?? '', kind },
        signal,
        parseAs: 'blob',
      });
      return dataUrl((await take<unknown>(call)) as Blob);
    },
  });

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}

export function useSetPicture(holder: Holder, onDone: () => void) {
  return useCommand<ImageInput, unknown>({
    run: (body) =>
      holder.kind === 'seal'
        ? take(api.PUT('/api/v1/agencies/{agency_id}/seal-image', { params: { path: { agency_id: holder.id } }, body }))
        : take(
            api.PUT('/api/v1/people/{person_id}/signature-image', { params: { path: { person_id: holder.id } }, body }),
          ),
    touches: () => [pictureKey(holder)],
    onDone,
  });
}

export function useRemovePicture(holder: Holder, onDone: () => void) {
  return useCommand<null, unknown>({
    run: () =>
      holder.kind === 'seal'
        ? take(api.DELETE('/api/v1/agencies/{agency_id}/seal-image', { params: { path: { agency_id: holder.id } } }))
        : take(
            api.DELETE('/api/v1/people/{person_id}/signature-image', { params: { path: { person_id: holder.id } } }),
          ),
    touches: () => [pictureKey(holder)],
    onDone,
  });
}
