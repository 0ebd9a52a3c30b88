# The source runs as it is; only the portal is built, with the development dependencies that the image leaves out,
# Node.js of the lockfile among them, for the image brings its own.
FROM node:24-slim AS portal
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY portal/package.json portal/
RUN npm ci --ignore-scripts
COPY tsconfig.json openapi.json ./
COPY portal portal
COPY src/http/portal-paths.ts src/http/
COPY src/words src/words
COPY src/lib/lazy.ts src/lib/
RUN node portal/build/build.ts

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY portal/package.json portal/
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE openapi.json ./
COPY migrations migrations
COPY bin bin
COPY src src
COPY --from=portal /app/portal/dist portal/dist
# Compiled here, so that no start has to; for other options of Node.js it would be compiled anew.
RUN install -d -o node node_modules/.cache
USER node
RUN node --max-semi-space-size=4 --heap-growing-percent=30 --no-allocation-site-pretenuring bin/invitree.js serve --help
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` does.
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=30", "--no-allocation-site-pretenuring", "bin/invitree.js", "serve"]
