# One image for web, worker and every task: APP_MODE says which. `--target sandbox` is the stand-in for the providers,
# which is no part of the image that ships.
# Both bases are arguments, so that a build without a registry can bring its own (npm run test:containers).
ARG NODE_IMAGE=docker.io/library/node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:fbbdda866ea71aef98c4abece17e3d61fbf820cc2ef3961522caa2478716171a

FROM ${NODE_IMAGE} AS deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts

FROM deps AS build
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY migrations migrations
COPY tools/sandbox tools/sandbox
RUN npm run build && mkdir /data

# Node is in the base already, nothing that runs asks for its optional TypeScript, and declarations and foreign source maps
# run nowhere.
FROM ${NODE_IMAGE} AS proddeps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/typescript node_modules/node-linux-* node_modules/node-darwin-* node_modules/node-win-* \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# No shell and no package manager in here: every command is an array, and its program is node.
FROM ${RUNTIME_IMAGE} AS base
WORKDIR /app
COPY package.json ./
ENV NODE_ENV=production
USER 65532:65532

FROM base AS sandbox
COPY --from=build /app/dist/tools/sandbox dist/tools/sandbox
COPY --from=build --chown=65532:65532 /data /data
ENV SANDBOX_HOST=0.0.0.0 SANDBOX_PORT=4010 SANDBOX_DATA_DIR=/data
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:' + process.env.SANDBOX_PORT + '/_sandbox/health').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
CMD ["dist/tools/sandbox/main.js"]

FROM base AS runtime
COPY --from=proddeps /app/node_modules node_modules
COPY --from=build /app/dist/migrations dist/migrations
COPY --from=build /app/dist/src dist/src
# Last, because they change with every commit. Nothing secret may be an argument: arguments can be read from the image.
ARG GIT_SHA=unknown
ARG VERSION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="purser" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${GIT_SHA}" \
  org.opencontainers.image.created="${CREATED}" \
  org.opencontainers.image.source="${SOURCE}"
ENV APP_ENV=production APP_MODE=web PORT=3000 SERVICE_VERSION=${GIT_SHA}
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "dist/src/healthcheck.js"]
CMD ["--max-old-space-size=256", "--max-semi-space-size=8", "dist/src/main.js"]
