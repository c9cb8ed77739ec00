ARG MAGE_IMAGE=mageai/mageai:0.9.80
FROM ${MAGE_IMAGE}

ARG PROJECT_NAME=mage_zoomcamp
ENV USER_CODE_PATH=/home/src/${PROJECT_NAME}

COPY ${PROJECT_NAME}/requirements.txt ${USER_CODE_PATH}/requirements.txt
RUN python3 -m pip install --no-cache-dir -r ${USER_CODE_PATH}/requirements.txt

ENV PYTHONPATH=/home/src:${PYTHONPATH}
WORKDIR /home/src
