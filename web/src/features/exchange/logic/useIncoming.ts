import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { topic, useLiveChange } from '../../../live/live';
import { useActor } from '../../../session/me';
import { type Delivery, deliveriesQuery, type Filter, listDeliveries } from '../api/deliveries';
import { newcomers, refreshed } from './arrivals';

/** The incoming list as the page shows it: it grows at the end, changes in place, and tells of arrivals. */
export function useIncoming(filter: Filter) {
  const client = useQueryClient();
  const actor = useActor();
  const options = useMemo(
    () =>
      deliveriesQuery({
        state: filter.state,
        urgency: filter.urgency,
        sender: filter.sender,
        from: filter.from,
        to: filter.to,
      }),
    [filter.state, filter.urgency, filter.sender, filter.from, filter.to],
  );
  const query = useInfiniteQuery({ ...options, staleTime: Number.POSITIVE_INFINITY, refetchOnMount: 'always' });
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const shown = useRef(items);
  shown.current = items;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins without news
  useEffect(() => setArrived(new Set()), [options]);

  const look = useCallback(async () => {
    const [first, all] = await Promise.all([
      listDeliveries(filter, ''),
      filter.state === 'all' ? null : listDeliveries({ ...filter, state: 'all' }, ''),
    ]);
    setArrived(new Set(newcomers(first.items, shown.current).map((d) => d.id)));
    client.setQueryData(options.queryKey, (data) => {
      if (!data) return data;
      const fresh: Delivery[] = [...first.items, ...(all?.items ?? [])];
      return { ...data, pages: data.pages.map((page) => ({ ...page, items: refreshed(page.items, fresh) })) };
    });
  }, [client, filter, options]);
  useLiveChange([actor && topic.agency(actor.agency_id)], () => {
    look().catch(() => undefined); // the next hint or the next visit tries again
  });

  const showNew = useCallback(async () => {
    setArrived(new Set());
    await client.resetQueries({ queryKey: options.queryKey });
  }, [client, options]);
  return { query, items, arrivedCount: arrived.size, showNew };
}
