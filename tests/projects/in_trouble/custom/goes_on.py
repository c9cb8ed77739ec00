from google.cloud import storage


@custom
def goes_on(*args, **kwargs):
    for number in range(3):
        blob = storage.Client().bucket('lake').blob(f'goes_on/{number}.txt')
        try:
            blob.upload_from_string('trips', retry=None)
        except Exception as error:
            print(f'no upload: {error}')
    return 1
