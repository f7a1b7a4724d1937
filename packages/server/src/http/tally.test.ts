/** What is noted at every request, as Prometheus reads it. */
import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

const linesOf = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<readonly string[]> =>
  (await metrics.text(false)).split("\n").filter((line) => line.includes(name));

describe("what is noted of requests", () => {
  it("is a histogram by route and status: buckets that add up, a sum and a count", async () => {
    const metrics = createMetrics({ loaded: () => [] });
    for (const ms of [0.2, 0.5, 0.6, 7, 10_000]) metrics.observe("/v1/a", 200, ms);
    metrics.observe("/v1/a", 404, 1);
    const lines = await linesOf(metrics, "reeve_http_request_seconds");
    expect(lines).toContain("# TYPE reeve_http_request_seconds histogram");
    expect(lines).toContain('reeve_http_request_seconds_bucket{le="0.0005",route="/v1/a",status="200"} 2');
    expect(lines).toContain('reeve_http_request_seconds_bucket{le="0.001",route="/v1/a",status="200"} 3');
    expect(lines).toContain('reeve_http_request_seconds_bucket{le="5",route="/v1/a",status="200"} 4');
    expect(lines).toContain('reeve_http_request_seconds_bucket{le="+Inf",route="/v1/a",status="200"} 5');
    expect(lines).toContain('reeve_http_request_seconds_count{route="/v1/a",status="200"} 5');
    expect(lines).toContain('reeve_http_request_seconds_count{route="/v1/a",status="404"} 1');
    const sum = lines.find((line) => line.startsWith('reeve_http_request_seconds_sum{route="/v1/a",status="200"}'));
    expect(Number(sum?.split(" ").at(-1))).toBeCloseTo(10.0083);
  });

  it("counts decisions by answer and reason, and the same however often it is read", async () => {
    const metrics = createMetrics({ loaded: () => [] });
    for (const [allow, code] of [
      [true, "allowed_by_role"],
      [true, "allowed_by_role"],
      [false, "no_access"],
    ] as const)
      metrics.decided(allow, code);
    await linesOf(metrics, "");
    const lines = await linesOf(metrics, "reeve_decisions_total{");
    expect([...lines].sort()).toEqual([
      'reeve_decisions_total{decision="allow",code="allowed_by_role"} 2',
      'reeve_decisions_total{decision="deny",code="no_access"} 1',
    ]);
  });
});
