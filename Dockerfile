# Reeve in a container: no root, the data in a volume, nothing built but what runs.
#
#   docker build -t reeve .
#   docker run --rm -p 7070:7070 -v reeve-data:/data reeve

FROM node:24-bookworm-slim AS packages
WORKDIR /reeve
COPY package.json package-lock.json .npmrc ./
COPY packages/core/package.json packages/core/
COPY packages/contract/package.json packages/contract/
COPY packages/openapi/package.json packages/openapi/
COPY packages/server/package.json packages/server/
COPY packages/cli/package.json packages/cli/
# The image's own Node runs it; the copies for other machines stay out.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force

FROM node:24-bookworm-slim
WORKDIR /reeve
ENV NODE_ENV=production REEVE_HOST=0.0.0.0 REEVE_DATA_DIR=/data REEVE_DEMO=off
COPY --from=packages /reeve/node_modules ./node_modules
COPY package.json LICENSE ./
COPY tools/node.mjs tools/
COPY catalogues ./catalogues
COPY packages ./packages
RUN mkdir /data && chown node:node /data
USER node
VOLUME ["/data"]
EXPOSE 7070
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.REEVE_PORT ?? 7070) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "tools/node.mjs", "packages/cli/src/main.ts"]
CMD ["start"]
