# Node 24 runs TypeScript by itself, so there is nothing to build. Debian, because two native parts want glibc.
FROM node:24-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

COPY bin ./bin
COPY src ./src
COPY migrations ./migrations
COPY LICENSE ./

# Pages answer beyond the container's loopback, so TREX_LINK_SECRET has to be set; data outlives the container.
ENV TREX_HOST=0.0.0.0 \
    TREX_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node

# 3210 pages, health and metrics; 3212 signed requests of Slack.
EXPOSE 3210 3212
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "src/bin.ts"]
CMD ["serve"]
